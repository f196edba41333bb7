"""How points are judged: views of a series, what is usual for each, one score, one alarm.

Inside, arrays are (time, series), so that what belongs to one tick lies together; `api` turns them
around for its callers. Nothing here knows of Prometheus, of files or of people.
"""

from anomaly.detector.api import THRESHOLD, Detector, Replay, Stream

__all__ = ["THRESHOLD", "Detector", "Replay", "Stream"]
