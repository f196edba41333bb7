"""The anomaly detector: a plain package of numpy, requests and pydantic.

It runs as a zipapp in the cluster and as `python -m anomaly` anywhere; as a library it is what is
named here.
"""

from anomaly.config.detector import DetectorConfig
from anomaly.detector import Detector, Replay
from anomaly.detector.api import (
    detect_ensemble,
    detect_exponential_smoothing,
    detect_iqr,
    detect_moving_average,
    detect_zscore,
)
from anomaly.incidents.alert import Alert
from anomaly.incidents.describe import get_anomaly_recommendations
from anomaly.pipeline.look import Observation, monitor_metric_for_anomalies

__all__ = [
    "Alert",
    "Detector",
    "DetectorConfig",
    "Observation",
    "Replay",
    "detect_ensemble",
    "detect_exponential_smoothing",
    "detect_iqr",
    "detect_moving_average",
    "detect_zscore",
    "get_anomaly_recommendations",
    "monitor_metric_for_anomalies",
]
