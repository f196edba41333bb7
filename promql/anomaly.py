"""How far back one must look for what the detector wrote last."""

from settings.anomaly import Anomaly

SLACK_MINUTES = 2
"""How late a run's results may be."""


def newest(settings: Anomaly) -> str:
    """A range that holds the results of two runs, since one may fail.

    A run writes the points since the last one and ends; Prometheus itself looks back five minutes
    only.
    """
    return f"{2 * settings.interval_minutes + SLACK_MINUTES}m"
