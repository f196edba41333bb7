import pytest

from anomaly import DetectorConfig, monitor_metric_for_anomalies
from anomaly.config.signals import WatchedSignal
from tests.anomaly.world import DAY, NOW, STEP, World, noise, spoilt

ZSCORE = DetectorConfig(method="zscore")


@pytest.fixture
def world():
    """Two services; one of them spikes now, and did so the day before."""
    spiky = spoilt(noise(2), NOW - 2 * STEP, NOW + STEP, 300.0)
    world = World()
    world.add("query", {"namespace": "shop", "service": "web"}, noise(1))
    world.add(
        "query",
        {"namespace": "shop", "service": "api"},
        spoilt(spiky, NOW - DAY, NOW - DAY + STEP, 200.0),
    )
    return world


@pytest.fixture
def look(world):
    def run(signal="latency_p95", query="query", **keys):
        usual = {"now": NOW, "minutes": 20, "lookback_seconds": 3 * DAY, "config": ZSCORE}
        return monitor_metric_for_anomalies(world, signal, query, **usual | keys)

    return run


class TestMonitoring:
    def test_an_anomalous_series_is_found_and_explained(self, look):
        seen = look()
        (found,) = seen.alerts
        assert seen.series == 2
        assert found.labels == {"namespace": "shop", "service": "api"}
        assert (found.service, found.kind, found.direction) == ("shop/api", "latency", "above")
        assert (found.since, found.points, found.before) == (NOW - 2 * STEP, 3, 1)
        assert found.value > found.upper > found.expected > found.lower
        assert found.views == ("zscore",)
        assert found.severity == "critical"
        assert "3 points in 15 min" in found.summary
        assert found.cause == "latency"
        assert found.advice[0].startswith("look at what the service waits for")

    def test_what_was_over_earlier_is_not_reported(self, look):
        assert len(look(minutes=2 * DAY / 60).alerts) == 2
        assert len(look(minutes=5).alerts) == 1

    def test_a_query_without_series_is_no_calm(self, look):
        seen = look(query="nothing")
        assert (seen.alerts, seen.warnings) == ((), ("the query has no series",))

    def test_a_configured_signal_is_judged_as_configured(self, look):
        signal = WatchedSignal(name="x", query="query", direction="below")
        assert look(signal).alerts == ()

    def test_a_name_needs_a_query(self, look):
        with pytest.raises(ValueError, match="latency_p95 is a name; say which query"):
            look(query=None)
