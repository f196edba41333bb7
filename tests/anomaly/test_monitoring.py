import pytest

from anomaly import get_anomaly_recommendations, monitor_metric_for_anomalies
from anomaly.monitoring import Finding
from anomaly.reading.connection import Connection
from anomaly.reading.prometheus import Prometheus

NOW = 1_700_000_040.0  # a multiple of a minute


@pytest.fixture
def look(prometheus):
    def run(**keys):
        arguments = {"now": NOW, "minutes": 10, "lookback_seconds": 7200} | keys
        return monitor_metric_for_anomalies(
            Prometheus(Connection(url=prometheus.url)), "latency_p95", "query", **arguments
        )

    return run


class TestMonitoring:
    def test_an_anomalous_series_is_found_and_explained(self, prometheus, look):
        prometheus.serve(calm={"service": "web"}, spike={"service": "api"})
        seen = look()
        (found,) = seen.findings
        assert seen.series == 2
        assert found.labels == {"service": "api"}
        assert found.since == NOW - 120
        assert found.points >= 1
        assert found.value > found.upper > found.expected > found.lower
        assert found.score > 1
        assert len(found.methods) >= 3

    def test_what_lies_further_back_was_reported_before(self, prometheus, look):
        prometheus.serve(spike={"service": "api"})
        (found,) = look(minutes=1).findings
        assert (found.since, found.points) == (NOW, 1)

    def test_a_query_without_series_is_no_calm(self, look):
        assert look().warnings == ("the query has no series",)


class TestRecommendations:
    def finding(self, **keys):
        usual = {
            "signal": "latency_p95",
            "labels": {"service": "api"},
            "since": NOW,
            "points": 1,
            "value": 9.0,
            "expected": 1.0,
            "lower": 0.0,
            "upper": 2.0,
            "score": 1.5,
            "methods": ("zscore",),
        }
        return Finding(**usual | keys)

    def test_say_how_bad_what_where_and_what_to_do(self):
        (advice,) = get_anomaly_recommendations([self.finding()])
        assert advice.startswith("warning: latency_p95 of api is above what is normal (brief")
        assert "saturation" in advice

    def test_a_strong_and_lasting_drop_reads_otherwise(self):
        finding = self.finding(signal="traffic", score=8.0, points=5, value=0.1)
        (advice,) = get_anomaly_recommendations([finding])
        assert advice.startswith("critical: traffic of api is below what is normal (sustained)")

    def test_the_worst_comes_first(self):
        mild, bad = self.finding(score=1.1), self.finding(score=9.0, signal="error_rate")
        assert "error_rate" in get_anomaly_recommendations([mild, bad])[0]
