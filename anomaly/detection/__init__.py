"""How points are judged: views of a series, what is usual for each, one score, one alarm.

Arrays here are (time, series), so that what belongs to one tick lies together; `anomaly.detector`
turns them around for its callers. Nothing here knows of Prometheus, of files or of people.
"""
