"""Results: who is told what the detector found, and how it gets there.

Scores and the detector's own figures go to Prometheus by remote write; alerts go to Alertmanager,
Slack and PagerDuty. What an alert is, and when there is one, is decided elsewhere.
"""
