import json
import traceback

import pytest

from anomaly.config.endpoint import SecretSource
from anomaly.config.receivers import SlackSettings
from anomaly.errors import Refused, SettingsError
from anomaly.incidents.ledger import Told
from anomaly.sinks.sink import Context
from anomaly.sinks.slack import Slack
from tests.anomaly.fake_server import Reply

SECRET_PATH = "/services/T000/B000/hunter2"


@pytest.fixture
def slack(server, context, monkeypatch):
    monkeypatch.setenv("THE_WEBHOOK", f"{server.url}{SECRET_PATH}")

    def build(context=context, **settings):
        return Slack(SlackSettings(webhook=SecretSource(env="THE_WEBHOOK"), **settings), context)

    return build


def only(messages):
    (message,) = messages
    return json.loads(message.body)


def texts(body):
    return [block["text"]["text"] for block in body["blocks"]]


class TestDigest:
    def test_is_one_message_for_all_that_is_new(self, server, slack, make, now):
        slack().send([make("a"), make("b", severity="critical")], Told(), now=now)
        (received,) = server.received
        assert received.path == SECRET_PATH
        body = json.loads(received.body)
        assert body["text"] == "Anomalies in staging: 2 new"
        header, first, second = texts(body)
        assert header == body["text"]
        assert first.startswith(":rotating_light: *latency_p95 of shop/api is high (b)*\n0.9 where")
        assert "• look at the last rollout" in first
        assert second.startswith(":warning: ")

    def test_is_not_sent_without_news(self, server, slack, make, now):
        told = slack().send([make()], Told(), now=now).told
        assert slack().send([make()], told, now=now + 600).messages == 0
        assert len(server.received) == 1

    def test_describes_the_worst_and_counts_the_others(self, slack, make, now):
        links = Context("staging", 600.0, dashboard_url="https://grafana/d/x")
        alerts = [make(f"k{number}", score=float(number)) for number in range(8)]
        body = only(slack(links, top=3).compose(alerts, Told(), now=now))
        assert texts(body)[1].startswith(":warning: *latency_p95 of shop/api is high (k7)")
        assert texts(body)[-1] == "<https://grafana/d/x|and 5 more>"
        assert len(body["blocks"]) == 5

    def test_tells_what_is_over_and_what_came_and_went(self, slack, make, now):
        told = Told().after("slack", [make("a")], now)
        alerts = [make("a", until=now - 300), make("b", until=now - 300, signal="traffic")]
        body = only(slack().compose(alerts, told, now=now))
        assert body["text"] == "Anomalies in staging: 1 over, 1 missed between runs"
        assert texts(body)[1:] == [
            ":white_check_mark: *Over*\n• latency_p95 of shop/api, after 10 min",
            ":hourglass: *Came and went between two runs*\n• traffic of shop/api, after 10 min",
        ]

    def test_tells_when_something_got_worse(self, slack, make, now):
        told = Told().after("slack", [make()], now)
        body = only(slack().compose([make(severity="critical")], told, now=now))
        assert body["text"] == "Anomalies in staging: 1 worse"
        assert "(worse than told before)" in texts(body)[1]

    def test_links_dashboard_and_runbook(self, slack, make, now):
        links = Context("staging", 600.0, "https://g/{service}|x", "https://docs#{signal}")
        body = only(slack(links).compose([make()], Told(), now=now))
        assert texts(body)[1].endswith(
            "<https://g/shop%2Fapi%7Cx|dashboard> · <https://docs#latency_p95|runbook>"
        )

    def test_mentions_nobody_whatever_a_label_says(self, slack, make, now):
        body = only(slack().compose([make(summary="<!channel> & <@U1>")], Told(), now=now))
        assert "&lt;!channel&gt; &amp; &lt;@U1&gt;" in texts(body)[1]

    def test_stays_within_the_limits_of_slack(self, slack, make, now):
        long = {"summary": "s" * 5000, "advice": ("a" * 5000,) * 9, "service": "v" * 500}
        over = [make(f"o{number}", **long) for number in range(200)]
        told = Told().after("slack", over, now)
        alerts = [
            *(make(f"k{number}", **long) for number in range(60)),
            *(make(alert.key, until=now, **long) for alert in over),
        ]
        body = only(slack(top=30).compose(alerts, told, now=now))
        lengths = [len(text) for text in texts(body)]
        assert len(lengths) <= 50
        assert max(lengths) <= 3000
        assert sum(lengths) < 13_000
        assert any(text.endswith("more") and text.startswith("and ") for text in texts(body))
        assert ":white_check_mark:" in texts(body)[-1]
        shown = texts(body)[-1].count("•")
        assert texts(body)[-1].endswith(f"and {200 - shown} more")


class TestFaults:
    def test_slack_may_say_how_long_to_wait(self, server, slack, make, now, pauses):
        server.replies(Reply(429, headers={"Retry-After": "2"}), Reply(body=b"ok"))
        assert slack().send([make()], Told(), now=now).error is None
        assert pauses == [2]

    def test_what_was_not_told_is_told_in_the_next_run(self, server, slack, make, now):
        server.replies(Reply(500))
        told = slack().send([make()], Told(), now=now).told
        server.replies(Reply(body=b"ok"))
        slack().send([make()], told, now=now + 600)
        assert json.loads(server.received[-1].body)["text"] == "Anomalies in staging: 1 new"

    def test_a_recovery_that_was_not_told_is_told_later(self, server, slack, make, now):
        told = Told().after("slack", [make()], now)
        server.replies(Reply(500))
        told = slack().send([make(until=now)], told, now=now).told
        server.replies(Reply(body=b"ok"))
        told = slack().send([], told, now=now + 600).told
        body = json.loads(server.received[-1].body)
        assert texts(body) == [
            "Anomalies in staging: 1 over",
            ":white_check_mark: *Over*\n• latency_p95 of shop/api",
        ]
        assert slack().compose([], told, now=now + 1200) == ()

    def test_the_webhook_is_never_shown(self, server, slack, make, now, caplog):
        server.replies(Reply(404, f"no_service {SECRET_PATH}".encode()))
        sink = slack()
        sent = sink.send([make()], Told(), now=now)
        assert isinstance(sent.error, Refused)
        assert str(sent.error).startswith("Slack answered 404: no_service")
        shown = "".join(traceback.format_exception(sent.error)) + repr(sent) + caplog.text
        assert "hunter2" not in shown

    def test_a_webhook_that_is_no_url_is_told_by_its_place(self, slack, make, now, monkeypatch):
        monkeypatch.setenv("THE_WEBHOOK", "hunter2")
        error = slack().send([make()], Told(), now=now).error
        assert isinstance(error, SettingsError)
        assert str(error) == "environment variable THE_WEBHOOK holds no URL of a Slack webhook"
