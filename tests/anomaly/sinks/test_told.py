import pytest

from anomaly.incidents import ledger as module
from anomaly.incidents.alert import rank
from anomaly.incidents.ledger import Told

DAY = 24 * 3600


@pytest.fixture
def told(make, now):
    """One incident is known to Slack, as a warning that goes on."""
    return Told().after("slack", [make("known")], now)


def keys(alerts):
    return [alert.key for alert in alerts]


class TestNews:
    def test_are_what_was_not_told(self, told, make):
        news = told.news("slack", [make("known"), make("fresh")], "info")
        assert keys(news.opened) == ["fresh"]
        assert not news.worsened
        assert not news.resolved

    def test_are_different_for_each_sink(self, told, make):
        assert keys(told.news("pagerduty", [make("known")], "info").opened) == ["known"]

    def test_are_a_recovery_of_what_was_told(self, told, make, now):
        alerts = [make("known", until=now), make("brief", until=now)]
        news = told.news("slack", alerts, "info")
        assert keys(news.resolved) == ["known"]
        assert keys(news.missed) == ["brief"]

    def test_are_a_recovery_once(self, told, make, now):
        over = [make("known", until=now)]
        assert not told.after("slack", over, now).news("slack", over, "info")

    def test_are_a_return_of_what_was_over(self, told, make, now):
        again = told.after("slack", [make("known", until=now)], now)
        assert keys(again.news("slack", [make("known")], "info").opened) == ["known"]

    def test_are_a_turn_for_the_worse(self, told, make, now):
        worse = [make("known", severity="critical")]
        assert keys(told.news("slack", worse, "info").worsened) == ["known"]
        assert not told.after("slack", worse, now).news("slack", worse, "info")
        assert not told.news("slack", [make("known", severity="info")], "info")

    def test_are_nothing_that_is_less_severe_than_the_sink_wants(self, told, make, now):
        alerts = [make("mild", severity="info"), make("brief", severity="info", until=now)]
        assert not told.news("slack", alerts, "warning")

    def test_are_a_recovery_however_mild_it_ended(self, told, make, now):
        over = [make("known", severity="info", until=now)]
        assert keys(told.news("slack", over, "critical").resolved) == ["known"]

    def test_come_the_worst_first(self, make):
        alerts = [
            make("c", score=9.0),
            make("b", score=2.0, severity="critical"),
            make("a", score=9.0),
        ]
        assert keys(sorted(alerts, key=rank)) == ["b", "a", "c"]


class TestOwed:
    def test_is_a_recovery_that_could_not_be_told(self, told, make, now):
        later = told.owing("slack", [make("known", until=now), make("other", until=now)])
        assert list(later.owed("slack")) == ["known"]
        assert later.owed("slack")["known"].title == "latency_p95 of shop/api"
        assert not later.settled("slack", ["known"]).owed("slack")

    def test_is_nothing_that_goes_on_or_was_told(self, told, make, now):
        assert not told.owing("slack", [make("known")]).owed("slack")
        over = [make("known", until=now)]
        assert not told.after("slack", over, now).owing("slack", over).owed("slack")


class TestMemory:
    def test_is_short_for_what_no_run_reports(self, told, now):
        assert told.remembered([], now + 6 * DAY).sinks["slack"]
        assert not told.remembered([], now + 8 * DAY).sinks["slack"]

    def test_is_as_long_as_an_incident(self, told, make, now):
        alert = make("known")
        for day in range(30):
            told = told.remembered([alert], now + day * DAY)
        assert not told.news("slack", [alert], "info")

    def test_is_bounded(self, make, now, monkeypatch):
        monkeypatch.setattr(module, "MOST", 3)
        told = Told()
        for minute in range(5):
            told = told.after("slack", [make(f"k{minute}", until=now)], now + minute)
        assert list(told.remembered([], now).sinks["slack"]) == ["k4", "k3", "k2"]

    def test_of_what_goes_on_has_no_bound(self, make, now):
        alerts = [make(f"k{number}") for number in range(3_000)]
        told = Told().after("slack", alerts, now).remembered(alerts, now)
        assert not told.news("slack", alerts, "info")
        over = [make(f"k{number}", until=now) for number in range(3_000)]
        assert len(told.news("slack", over, "info").resolved) == 3_000
