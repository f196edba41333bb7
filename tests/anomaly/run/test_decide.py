from anomaly.config.signals import WatchedSignal
from anomaly.incidents.fdr import Memory
from anomaly.incidents.ledger import Ledger
from anomaly.incidents.track import NEVER, Incident, Peak
from anomaly.pipeline.judge import Episode, Findings
from anomaly.run.decide import tell
from anomaly.settings import Settings

NOW, STEP = 1_700_000_100.0, 300.0
SIGNAL = WatchedSignal(name="traffic", query="q", kind="traffic")
PEAK = Peak(9.0, 1.0, 0.0, 2.0, 1.5, "above", ("level",))


def incident(**different):
    usual = {
        "since": NOW,
        "last": NOW,
        "points": 1,
        "peak": PEAK,
        "before": 0,
        "newest": (NOW,),
        "probability": 1.0,
        "persistent": NOW,
    }
    return Incident(**usual | different)


def episode(pod="a", **different):
    return Episode((("pod", pod), ("service", "api")), incident(**different))


def findings(*episodes, progress="judged", fresh=NOW - 2 * STEP):
    return Findings(SIGNAL, fresh, progress, NOW, episodes, tested={NOW: 10})


def told(*episodes, ledger=None, newest=NOW, settings=None, **keys):
    tale = tell(
        [findings(*episodes, **keys)],
        ledger or Ledger(),
        settings or Settings(signals=(SIGNAL,)),
        newest,
    )
    return tale, {alert.key: alert for alert in tale.ledger.alerts.values()}


class TestStrength:
    def test_of_one_pod_is_not_that_of_all(self):
        weak = episode("b", persistent=NEVER, probability=0.5)
        for several in ((episode("a"), weak), (weak, episode("a"))):
            tale, alerts = told(*several)
            assert (len(alerts), tale.held_back) == (1, 0)


class TestDue:
    def test_what_is_small_new_and_common_is_held_back(self):
        tale, alerts = told(episode(persistent=NEVER, probability=0.5))
        assert (alerts, tale.held_back) == ({}, 1)

    def test_what_is_rare_is_told(self):
        tale, alerts = told(episode(persistent=NEVER, probability=1e-9))
        assert (len(alerts), tale.held_back) == (1, 0)

    def test_everything_is_told_at_once_without_control(self):
        settings = Settings.model_validate(
            {"signals": [SIGNAL.model_dump()], "alerting": {"false_discovery": None}}
        )
        _, alerts = told(episode(persistent=NEVER, probability=1.0), settings=settings)
        assert len(alerts) == 1

    def test_not_even_then_what_is_suppressed(self):
        settings = Settings.model_validate(
            {"signals": [SIGNAL.model_dump()], "alerting": {"false_discovery": None}}
        )
        _, alerts = told(episode(persistent=NEVER, probability=NEVER), settings=settings)
        assert alerts == {}

    def test_a_tick_is_decided_once(self):
        rare = episode(persistent=NEVER, probability=1e-9)
        _, alerts = told(rare, ledger=Ledger(memory=Memory(NOW, 0.1)))
        assert alerts == {}

    def test_what_was_held_back_and_is_over_is_not_counted(self):
        tale, _ = told(episode(persistent=NEVER, until=NOW))
        assert tale.held_back == 0


class TestPods:
    def test_that_fail_together_are_one_alert_and_the_worst_speaks(self):
        worse = Peak(20.0, 1.0, 0.0, 2.0, 5.0, "above", ("level",))
        _, alerts = told(episode("a"), episode("b", peak=worse))
        assert [alert.score for alert in alerts.values()] == [5.0]

    def test_that_fail_one_after_the_other_stay_two(self):
        both = episode("a"), episode("b", since=NOW - STEP)
        tale, first = told(*both)
        _, second = told(*both, ledger=tale.ledger)
        assert len(first) == 2
        assert second == first


class TestKnownIncident:
    def known(self):
        return told(episode())[0].ledger

    def test_seen_from_another_beginning_keeps_its_key(self):
        _, alerts = told(episode(since=NOW - STEP), ledger=self.known())
        assert {(alert.since, alert.state) for alert in alerts.values()} == {(NOW, "firing")}

    def test_is_told_on_though_it_would_be_held_back_now(self):
        small = episode(since=NOW - STEP, persistent=NEVER)
        _, alerts = told(small, ledger=self.known())
        assert len(alerts) == 1

    def test_is_another_than_one_that_begins_after_it_was_last_seen(self):
        later = episode(since=NOW + STEP, persistent=NOW + STEP)
        _, alerts = told(later, ledger=self.known(), newest=NOW + STEP)
        assert sorted(alert.state for alert in alerts.values()) == ["firing", "resolved"]

    def test_that_is_gone_is_over_where_all_was_looked_at(self):
        _, alerts = told(ledger=self.known())
        assert [alert.state for alert in alerts.values()] == ["resolved"]
        for progress in ("failed", "degraded"):
            _, alerts = told(ledger=self.known(), progress=progress)
            assert [alert.state for alert in alerts.values()] == ["firing"]

    def test_that_was_over_long_ago_is_forgotten(self):
        over = told(episode(until=NOW), ledger=self.known())[0].ledger
        _, soon = told(ledger=over, newest=NOW + 1800)
        _, late = told(ledger=over, newest=NOW + 1801)
        assert (len(soon), len(late)) == (1, 0)


class TestHistory:
    def test_what_was_over_before_this_run_is_no_news(self):
        long_ago = episode(since=NOW - 50 * STEP, last=NOW - 40 * STEP, until=NOW - 39 * STEP)
        assert told(long_ago)[1] == {}

    def test_what_came_and_went_since_the_last_run_is(self):
        missed = episode(since=NOW - 50 * STEP, last=NOW - 40 * STEP, until=NOW - 39 * STEP)
        _, alerts = told(missed, fresh=NOW - 60 * STEP)
        assert [alert.state for alert in alerts.values()] == ["resolved"]

    def test_a_pod_that_was_missed_while_others_were_there_is_no_news_when_it_is_back(self):
        gone = Peak(float("nan"), 1.0, 0.0, 2.0, 9.0, "absent", ("presence",))
        back = episode(since=NOW - 50 * STEP, until=NOW, peak=gone)
        assert told(back)[1] == {}
        assert len(told(back, ledger=Ledger(remembers=False))[1]) == 1
