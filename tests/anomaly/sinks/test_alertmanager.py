import json
import time

import pytest

from anomaly.config.receivers import AlertmanagerSettings
from anomaly.errors import Refused, Unreachable
from anomaly.incidents.ledger import Told
from anomaly.sinks.alertmanager import Alertmanager
from anomaly.sinks.sink import Context
from tests.anomaly.fake_server import FakeServer, Reply


@pytest.fixture
def sink(server, context):
    return Alertmanager(AlertmanagerSettings(url=server.url), context)


def bodies(server):
    return [json.loads(received.body) for received in server.received]


class TestAlert:
    def test_has_labels_that_say_which_it_is_and_nothing_else(self, server, sink, make, now):
        sink.send([make()], Told(), now=now)
        ((alert,),) = bodies(server)
        assert server.received[0].path == "/api/v2/alerts"
        assert alert["labels"] == {
            "alertname": "AnomalyDetected",
            "signal": "latency_p95",
            "service": "shop/api",
            "key": "k1",
            "environment": "staging",
            "severity": "warning",
            "destination_service_name": "api",
        }

    def test_keeps_its_labels_whatever_becomes_of_it(self, server, sink, make, now):
        told = sink.send([make()], Told(), now=now).told
        sink.send([make(score=9.0, severity="critical", value=5.0)], told, now=now + 600)
        (first,), (second,) = bodies(server)
        assert first["labels"] == second["labels"]
        assert second["annotations"]["severity"] == "critical"

    def test_has_labels_of_the_series_under_names_that_are_free_and_valid(
        self, server, sink, make, now
    ):
        labels = {"__name__": "x", "service": "api", "http.code": "500", "0": "z", "empty": ""}
        sink.send([make(labels=labels)], Told(), now=now)
        ((alert,),) = bodies(server)
        assert alert["labels"]["service"] == "shop/api"
        assert alert["labels"]["exported_service"] == "api"
        assert alert["labels"]["http_code"] == "500"
        assert alert["labels"]["_0"] == "z"
        assert not {"empty", "__name__"} & set(alert["labels"])

    def test_says_in_annotations_what_was_seen(self, server, make, now):
        links = {
            "dashboard_url": "https://grafana/d/x?var-service={service}&from={from}&to={to}",
            "runbook_url": "https://docs/runbook#{signal}",
        }
        sink = Alertmanager(
            AlertmanagerSettings(url=server.url), Context("staging", 600.0, **links)
        )
        sink.send([make()], Told(), now=now)
        ((alert,),) = bodies(server)
        said = alert["annotations"]
        assert said["summary"] == "latency_p95 of shop/api is high (k1)"
        assert said["description"].startswith("0.9 where 0.2 was expected and 0.1 to 0.3 is normal")
        assert (said["expected"], said["score"]) == ("0.2", "3.25")
        assert said["runbook_url"] == "https://docs/runbook#latency_p95"
        assert alert["generatorURL"] == (
            "https://grafana/d/x?var-service=shop%2Fapi&from=1699995500000&to=1700003540000"
        )

    def test_holds_for_three_intervals(self, server, sink, make, now):
        sink.send([make()], Told(), now=now)
        ((alert,),) = bodies(server)
        assert alert["startsAt"] == "2023-11-14T21:58:20Z"
        assert alert["endsAt"] == "2023-11-14T22:43:20Z"


class TestRepetition:
    def test_what_goes_on_is_sent_in_every_run(self, server, sink, make, now):
        told = sink.send([make()], Told(), now=now).told
        sink.send([make()], told, now=now + 600)
        assert len(server.received) == 2

    def test_a_recovery_is_repeated_for_three_intervals(self, server, sink, make, now):
        over = make(until=now)
        told = sink.send([make()], Told(), now=now).told
        for later in (600, 1200, 1800, 2400):
            told = sink.send([over], told, now=now + later).told
        assert [alert["endsAt"] for (alert,) in bodies(server)[1:]] == ["2023-11-14T22:13:20Z"] * 2

    def test_a_recovery_of_what_nobody_knew_is_not_sent(self, server, sink, make, now):
        assert sink.send([make(until=now)], Told(), now=now).messages == 0
        assert server.received == []

    def test_many_alerts_go_in_several_requests(self, server, sink, make, now):
        alerts = [make(f"k{number}") for number in range(501)]
        assert sink.send(alerts, Told(), now=now).messages == 2
        assert [len(body) for body in bodies(server)] == [500, 1]


class TestCluster:
    @pytest.fixture
    def pair(self, server, context):
        with FakeServer() as other:
            settings = AlertmanagerSettings(url=server.url, replicas=(other.url,))
            yield other, Alertmanager(settings, context)

    def test_every_instance_is_told(self, server, pair, make, now):
        other, sink = pair
        sink.send([make()], Told(), now=now)
        assert bodies(server) == bodies(other)

    def test_one_that_takes_it_is_enough(self, server, pair, make, now):
        _, sink = pair
        server.replies(Reply(500))
        assert sink.send([make()], Told(), now=now).error is None

    def test_one_that_hangs_keeps_nothing_from_the_other(self, server, make, context, now):
        with FakeServer() as hung:
            hung.reply = lambda _: Reply(silent=True)
            settings = AlertmanagerSettings(
                url=hung.url, replicas=(server.url,), timeout_seconds=0.5, budget_seconds=0.5
            )
            alerts = [make(f"k{number}") for number in range(3_000)]
            begun = time.monotonic()
            sent = Alertmanager(settings, context).send(alerts, Told(), now=now)
        assert time.monotonic() - begun < 5
        assert (sent.error, sent.messages, sent.complete) == (None, 6, True)
        assert len(server.received) == 6

    def test_none_is_an_error(self, server, pair, make, now):
        other, sink = pair
        server.replies(Reply(400, b'"bad labels"'))
        other.replies(Reply(500))
        sent = sink.send([make()], Told(), now=now)
        assert isinstance(sent.error, Refused)
        assert "bad labels" in str(sent.error)


def test_one_that_is_not_there_is_an_error(context, make, now):
    sink = Alertmanager(AlertmanagerSettings(url="http://127.0.0.1:1"), context)
    assert isinstance(sink.send([make()], Told(), now=now).error, Unreachable)
