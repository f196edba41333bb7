import pytest

from anomaly.incidents.alert import Alert
from anomaly.sinks.sink import Context

NOW = 1_700_000_000.0


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def context():
    return Context("staging", 600.0)


@pytest.fixture
def make():
    """An alert that goes on, unless `until` is given."""

    def alert(key="k1", **keys):
        usual = {
            "key": key,
            "signal": "latency_p95",
            "labels": {"destination_service_name": "api"},
            "service": "shop/api",
            "state": "firing" if keys.get("until") is None else "resolved",
            "severity": "warning",
            "since": NOW - 900,
            "last": NOW - 60,
            "until": None,
            "points": 4,
            "value": 0.9,
            "expected": 0.2,
            "lower": 0.1,
            "upper": 0.3,
            "score": 3.25,
            "direction": "above",
            "views": ("seasonal", "level"),
            "before": 2,
            "summary": f"latency_p95 of shop/api is high ({key})",
            "advice": ("look at the last rollout",),
        }
        return Alert(**usual | keys)

    return alert
