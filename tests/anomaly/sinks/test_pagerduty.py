import json
import traceback

import pytest

from anomaly.config.endpoint import SecretSource
from anomaly.config.receivers import PagerDutySettings
from anomaly.errors import Overloaded, Refused, SettingsError
from anomaly.incidents.ledger import Told
from anomaly.sinks.pagerduty import PagerDuty, dedup_key
from tests.anomaly.fake_server import Reply

KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def sink(server, context, tmp_path):
    server.replies(Reply(202))
    (tmp_path / "key").write_text(KEY)

    def build(**settings):
        usual = {
            "url": f"{server.url}/v2/enqueue",
            "routing_key": SecretSource(file=tmp_path / "key"),
        }
        return PagerDuty(PagerDutySettings(**usual | settings), context)

    return build


@pytest.fixture
def critical(make):
    return lambda key="k1", **keys: make(key, severity="critical", **keys)


def events(server):
    return [json.loads(received.body) for received in server.received]


class TestTrigger:
    def test_is_an_event_of_the_api(self, server, sink, critical, now):
        sink().send([critical()], Told(), now=now)
        (event,) = events(server)
        assert event["routing_key"] == KEY
        assert (event["event_action"], event["dedup_key"]) == ("trigger", "k1")
        payload = event["payload"]
        assert payload["summary"] == "[staging] latency_p95 of shop/api is high (k1)"
        assert (payload["source"], payload["severity"]) == ("shop/api", "critical")
        assert (payload["group"], payload["class"]) == ("staging", "latency_p95")
        assert payload["timestamp"] == "2023-11-14T21:58:20Z"
        assert payload["custom_details"]["labels"] == {"destination_service_name": "api"}

    def test_stays_within_the_limits_of_the_api(self, server, sink, critical, now):
        alert = critical("k" * 400, summary="s" * 2000, service="v" * 400)
        sink().send([alert], Told(), now=now)
        (event,) = events(server)
        assert len(event["dedup_key"]) == 64
        assert len(event["payload"]["summary"]) == 1024
        assert len(event["payload"]["source"]) == 255

    def test_comes_once(self, server, sink, critical, now):
        told = sink().send([critical()], Told(), now=now).told
        sink().send([critical()], told, now=now + 600)
        assert len(server.received) == 1

    def test_comes_for_what_is_severe_enough_only(self, server, sink, make, now):
        sink().send([make(severity="warning")], Told(), now=now)
        assert server.received == []

    def test_is_left_out_when_it_is_over_already(self, server, sink, critical, now):
        sink().send([critical(until=now)], Told(), now=now)
        assert server.received == []


class TestResolve:
    def test_names_the_incident_that_was_triggered(self, server, sink, critical, now):
        told = sink().send([critical("k" * 400)], Told(), now=now).told
        sink().send([critical("k" * 400, until=now)], told, now=now + 600)
        trigger, resolve = events(server)
        assert resolve == {
            "routing_key": KEY,
            "event_action": "resolve",
            "dedup_key": trigger["dedup_key"],
        }

    def test_that_failed_is_made_up_for_in_the_next_run(self, server, sink, critical, now):
        told = sink().send([critical()], Told(), now=now).told
        server.replies(Reply(500))
        told = sink(attempts=1).send([critical(until=now)], told, now=now + 600).told
        server.replies(Reply(202))
        told = sink().send([], told, now=now + 1200).told
        assert events(server)[-1]["event_action"] == "resolve"
        sink().send([], told, now=now + 1800)
        assert len(server.received) == 3


class TestFaults:
    def test_no_more_events_than_allowed_and_the_worst_first(self, server, sink, critical, now):
        alerts = [critical(f"k{number}", score=float(number)) for number in range(5)]
        told = sink(max_events=3).send(alerts, Told(), now=now).told
        sink(max_events=3).send(alerts, told, now=now + 600)
        keys = [event["dedup_key"] for event in events(server)]
        assert keys == ["k4", "k3", "k2", "k1", "k0"]

    def test_an_event_that_is_refused_is_not_repeated_and_stops_no_other(
        self, server, sink, critical, now
    ):
        refusal = b'{"status": "invalid event", "message": "bad", "errors": ["payload"]}'
        server.replies(Reply(400, refusal), Reply(202))
        sent = sink().send([critical("a"), critical("b")], Told(), now=now)
        assert isinstance(sent.error, Refused)
        assert "400: bad; payload" in str(sent.error)
        assert (sent.messages, list(sent.told.sinks["pagerduty"])) == (1, ["b"])
        assert len(server.received) == 2

    def test_what_was_told_before_it_broke_is_not_told_again(self, server, sink, critical, now):
        server.replies(Reply(202), Reply(500))
        sent = sink().send([critical("a"), critical("b")], Told(), now=now)
        assert isinstance(sent.error, Overloaded)
        server.replies(Reply(202))
        sink().send([critical("a"), critical("b")], sent.told, now=now + 600)
        assert events(server)[-1]["dedup_key"] == "b"
        assert [event["dedup_key"] for event in events(server)].count("a") == 1

    def test_too_many_requests_are_waited_for(self, server, sink, critical, now, pauses):
        server.replies(Reply(429, headers={"Retry-After": "30"}), Reply(202))
        assert sink().send([critical()], Told(), now=now).error is None
        assert pauses == [30]

    def test_a_key_that_is_not_there_is_an_error_when_it_is_needed(
        self, server, sink, critical, now, tmp_path
    ):
        without = sink(routing_key=SecretSource(file=tmp_path / "gone"))
        assert without.send([], Told(), now=now).error is None
        assert isinstance(without.send([critical()], Told(), now=now).error, SettingsError)


def test_the_routing_key_is_never_shown(server, sink, critical, now, caplog):
    server.replies(Reply(400, f"unknown key {KEY}".encode()))
    pagerduty = sink()
    sent = pagerduty.send([critical()], Told(), now=now)
    messages = pagerduty.compose([critical()], Told(), now=now)
    shown = "".join(traceback.format_exception(sent.error)) + repr(sent) + repr(messages)
    assert "unknown key ***" in shown
    assert KEY not in shown + caplog.text


def test_a_short_key_stays_as_it_is():
    assert dedup_key("incident-1") == "incident-1"
