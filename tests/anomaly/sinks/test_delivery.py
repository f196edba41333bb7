import pytest

from anomaly.config.receivers import Results
from anomaly.errors import Unreachable
from anomaly.incidents.ledger import Told
from anomaly.run.once import sinks
from anomaly.sinks.sink import deliver
from tests.anomaly.fake_server import FakeServer


@pytest.fixture
def results(server, monkeypatch):
    """Alertmanager is away; Slack and PagerDuty are there."""
    monkeypatch.setenv("THE_WEBHOOK", f"{server.url}/slack")
    monkeypatch.setenv("THE_KEY", "k")
    return Results.model_validate(
        {
            "alertmanager": {"url": "http://127.0.0.1:1"},
            "slack": {"webhook": {"env": "THE_WEBHOOK"}},
            "pagerduty": {
                "routing_key": {"env": "THE_KEY"},
                "url": f"{server.url}/pagerduty",
                "min_severity": "info",
            },
        }
    )


@pytest.fixture
def everybody(results):
    return sinks(results, environment="staging", interval_seconds=600)


def paths(server: FakeServer):
    return [received.path for received in server.received]


class TestDelivery:
    def test_one_sink_that_fails_hides_nothing_from_the_others(self, server, everybody, make, now):
        delivery = deliver(everybody, [make()], Told(), now=now)
        assert sorted(paths(server)) == ["/pagerduty", "/slack"]
        assert list(delivery.errors) == ["alertmanager"]
        assert isinstance(delivery.errors["alertmanager"], Unreachable)
        assert delivery.messages == {"alertmanager": 0, "pagerduty": 1, "slack": 1}

    def test_what_it_remembers_is_not_told_again(self, server, everybody, make, now):
        told = deliver(everybody, [make()], Told(), now=now).told
        again = deliver(everybody, [make()], told, now=now + 600)
        assert len(server.received) == 2
        assert again.messages["slack"] == 0

    def test_nobody_is_told_when_nobody_is_named(self, make, now):
        nobody = sinks(Results(), environment="staging", interval_seconds=600)
        assert deliver(nobody, [make()], Told(), now=now).errors == {}
