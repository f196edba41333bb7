"""Alerts for tests that are not about how they come to be."""

from anomaly.incidents.alert import Alert

SINCE = 1_700_000_000.0
HOUR = 3600.0


def alert(**different) -> Alert:
    """Latency of shop/api, above what is normal, unless told otherwise."""
    usual = {
        "key": "k",
        "signal": "latency_p95",
        "labels": {"namespace": "shop", "service": "api"},
        "service": "shop/api",
        "state": "firing",
        "severity": "warning",
        "since": SINCE,
        "last": SINCE,
        "until": None,
        "points": 1,
        "value": 9.0,
        "expected": 1.0,
        "lower": 0.0,
        "upper": 2.0,
        "score": 1.5,
        "direction": "above",
        "views": ("level",),
        "before": 0,
        "summary": "latency_p95 of shop/api is 9",
        "advice": (),
        "kind": "latency",
    }
    return Alert(**usual | different)
