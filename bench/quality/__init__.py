"""How well detectors detect: metrics, the causal protocol, and series whose faults are known.

The metrics are pure functions of arrays and know nothing of any detector:

    vus         ranking quality of a score (VUS-PR), for any threshold and any tolerance in time
    nab         the scoring rules of the Numenta benchmark, graded on alerts
    events      precision, recall, false alarms per series-week, and delay of alerts
    affiliation precision and recall by distance in time
"""
