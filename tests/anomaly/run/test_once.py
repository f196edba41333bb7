"""Runs over a world without servers: what is told, what is remembered, what survives faults."""

import json
from contextlib import ExitStack

import numpy as np
import pytest

from anomaly.errors import Overloaded, Refused, SettingsError, StateError, Unreachable
from anomaly.run import run, run_once
from anomaly.settings import Settings
from anomaly.state import opened
from tests.anomaly.world import DAY, NOW, STEP, Ears, Pen, World, noise, spoilt

RUN = 600
FAULT = NOW + RUN - STEP
"""A fault that begins at the first new tick of the second run."""

ZSCORE = {"method": "zscore", "history": 60, "warmup": 20}


def labels(number):
    return {"namespace": "shop", "service": f"s{number}"}


class Operator:
    """Runs the detector every ten minutes and listens."""

    def __init__(self, world, folder, **settings):
        self.world, self.folder = world, folder
        signals = [{"name": "traffic", "query": "traffic", "kind": "traffic"}]
        self.document = {
            "signals": signals,
            "detector": ZSCORE,
            "lookback_seconds": DAY,
            "delay_seconds": 0,
            **settings,
        }
        self.ears, self.pen = Ears(), Pen()
        self.reports = []

    def run(self, number=0, **different):
        settings = Settings.model_validate({**self.document, **different})
        with ExitStack() as stack:
            self.reports.append(
                run(
                    settings,
                    now=NOW + number * RUN,
                    prometheus=self.world,
                    sinks=[self.ears],
                    writer=self.pen,
                    state=stack.enter_context(opened(self.folder, settings.shard)),
                )
            )
        return self.reports[-1]

    def runs(self, first, last, **different):
        for number in range(first, last + 1):
            self.run(number, **different)
        return self.reports[-1]


@pytest.fixture
def world():
    """Seven services with steady traffic; the fault is in the fourth."""
    world = World()
    for number in range(7):
        world.add("traffic", labels(number), noise(number))
    world.add("traffic", labels(3), spoilt(noise(3), FAULT, FAULT + 5 * STEP, 300.0))
    return world


@pytest.fixture(params=["a folder", "nothing"])
def operator(request, world, tmp_path):
    """One who has a folder for the state, and one who has none."""
    return Operator(world, tmp_path if request.param == "a folder" else None)


@pytest.fixture
def keeper(world, tmp_path):
    """One who has a folder."""
    return Operator(world, tmp_path)


class TestIncident:
    def test_is_told_once_and_its_end_once(self, operator):
        operator.runs(0, 9)
        assert operator.ears.opened == ["traffic of shop/s3"]
        assert operator.ears.resolved == ["traffic of shop/s3"]
        assert operator.ears.missed == []

    def test_has_the_same_key_in_every_run(self, operator):
        operator.runs(0, 5)
        told = [alert for report in operator.reports for alert in report.alerts]
        assert len(told) >= 4
        assert {(alert.key, alert.since) for alert in told} == {(told[0].key, FAULT)}

    def test_is_one_though_the_history_that_is_read_begins_later_and_later(self, world, operator):
        world.add("traffic", labels(3), spoilt(noise(3), FAULT, FAULT + DAY, 300.0))
        operator.document["detector"] = {"method": "iqr", "history": 1000, "warmup": 20}
        operator.runs(0, 2)
        for number in range(6, 36, 6):
            operator.runs(number, number + 1)
        assert operator.ears.opened == ["traffic of shop/s3"]
        assert operator.ears.resolved == []
        assert len({alert.key for report in operator.reports for alert in report.alerts}) == 1

    def test_is_explained(self, operator):
        report = operator.runs(0, 2)
        (alert,) = report.alerts
        assert (alert.service, alert.direction, alert.cause) == ("shop/s3", "above", "demand")
        assert alert.views == ("zscore",)
        assert "above what is normal" in alert.summary
        (group,) = report.groups
        assert group.alerts == (alert,)

    def test_counts_those_before(self, world, operator):
        early = spoilt(noise(3), FAULT - DAY / 2, FAULT - DAY / 2 + STEP, 300.0)
        world.add("traffic", labels(3), spoilt(early, FAULT, FAULT + 9 * STEP, 300.0))
        (alert,) = operator.runs(0, 1).alerts
        assert alert.before == 1


class TestMoments:
    def test_all_ticks_since_the_last_run_are_judged(self, keeper):
        keeper.run(0)
        report = keeper.run(12)
        assert report.signals[0].ticks == 24
        assert keeper.ears.missed == ["traffic of shop/s3"]

    def test_only_new_ticks_are_read(self, keeper, world):
        keeper.run(0)
        world.asked.clear()
        keeper.run(1)
        assert world.asked == [("traffic", NOW + STEP, NOW + 2 * STEP)]

    def test_a_run_at_the_same_moment_asks_and_tells_nothing(self, keeper, world):
        first = keeper.runs(0, 1)
        world.asked.clear()
        second = keeper.run(1)
        assert (world.asked, second.alerts) == ([], first.alerts)
        assert second.signals[0].outcome == "current"
        assert keeper.ears.opened == ["traffic of shop/s3"]

    def test_a_clock_that_went_back_does_no_harm(self, keeper):
        keeper.runs(0, 3)
        keeper.run(1)
        keeper.runs(4, 9)
        assert keeper.ears.opened == keeper.ears.resolved == ["traffic of shop/s3"]

    def test_the_newest_steps_are_left_for_later(self, keeper, world):
        keeper.run(0, delay_seconds=60)
        assert world.asked[-1][2] == NOW - STEP

    def test_without_memory_the_detectors_own_series_say_what_is_new(self, world):
        operator = Operator(world, None)
        query = (
            "max by (sink, for) (last_over_time(anomaly_detector_told_timestamp_seconds"
            '{environment="default", shard="0-of-1"}[2d]))'
        )
        up_to = {"sink": "ears", "for": "traffic"}
        world.add(query, up_to, lambda times: np.full(len(times), NOW))
        operator.run(2)
        assert operator.ears.opened == ["traffic of shop/s3"]


class TestFailingSignal:
    signals = (
        {"name": "traffic", "query": "traffic", "kind": "traffic"},
        {"name": "other", "query": "other"},
    )

    def test_hides_no_other(self, world, operator):
        world.failing["other"] = Refused("no such metric")
        report = operator.runs(0, 1, signals=self.signals)
        assert report.exit_code == 1
        assert report.errors == {"other": "no such metric"}
        assert [signal.outcome for signal in report.signals] == ["judged", "failed"]
        assert operator.ears.opened == ["traffic of shop/s3"]

    def test_keeps_what_is_open_and_catches_up(self, keeper, world):
        keeper.runs(0, 1)
        world.failing["traffic"] = Overloaded("busy")
        report = keeper.runs(2, 4)
        assert [alert.state for alert in report.alerts] == ["firing"]
        assert keeper.ears.resolved == []
        world.failing.clear()
        report = keeper.run(5)
        assert (report.signals[0].ticks, report.exit_code) == (8, 0)
        assert keeper.ears.resolved == ["traffic of shop/s3"]

    def test_in_the_middle_of_its_history_goes_on_from_there(self, keeper, world, monkeypatch):
        monkeypatch.setattr("anomaly.prometheus.blocks.BLOCK_SAMPLES", 7 * 50)
        whole, calls = world.query_range, []

        def flaky(query, **keys):
            calls.append(keys["start"])
            if len(calls) == 4:
                raise Overloaded("busy")
            return whole(query, **keys)

        monkeypatch.setattr(world, "query_range", flaky)
        assert keeper.run(0).exit_code == 1
        assert keeper.run(0).exit_code == 0
        assert calls[4] == calls[3]


class TestHostileSignal:
    def test_costs_itself_only(self, world, operator, monkeypatch):
        whole = world.query_range

        def hostile(query, **keys):
            if query == "other":
                raise RuntimeError("nobody has thought of this")
            return whole(query, **keys)

        monkeypatch.setattr(world, "query_range", hostile)
        report = operator.runs(0, 1, signals=TestFailingSignal.signals)
        assert report.exit_code == 1
        assert report.errors == {"other": "it cannot be judged (RuntimeError)"}
        assert operator.ears.opened == ["traffic of shop/s3"]

    def test_whose_secret_is_gone_keeps_what_is_open(self, world, keeper, monkeypatch):
        keeper.runs(0, 1)

        def gone(*_, **__):
            raise SettingsError("cannot read file /secrets/token")

        monkeypatch.setattr(world, "query_range", gone)
        report = keeper.run(2)
        assert report.errors == {"traffic": "cannot read file /secrets/token"}
        assert [alert.state for alert in report.alerts] == ["firing"]


class TestWarningWithoutEnd:
    """A store that is away for good must not blind the detector."""

    def test_series_are_judged_all_the_same(self, world, operator):
        world.degraded = True
        operator.runs(0, 9)
        assert operator.ears.opened == ["traffic of shop/s3"]
        assert max(report.signals[0].scored for report in operator.reports) == 7

    def test_without_more_delay_once_it_has_lasted(self, world, keeper):
        world.degraded = True
        late = FAULT + 20 * RUN
        world.add("traffic", labels(3), spoilt(noise(3), late, late + 9 * RUN, 300.0))
        keeper.runs(0, 21)
        assert keeper.ears.opened == ["traffic of shop/s3"]
        assert keeper.reports[-1].signals[0].outcome == "degraded"

    def test_nothing_is_said_to_be_absent(self, world, operator):
        world.degraded = True
        world.add("traffic", labels(3), spoilt(noise(3), FAULT, FAULT + DAY, np.nan))
        assert operator.runs(0, 9).alerts == ()

    def test_what_is_whole_again_has_to_last_anew(self, world, keeper):
        world.degraded = True
        keeper.runs(0, 5)
        world.degraded = False
        keeper.run(6)
        world.degraded = True
        assert keeper.run(7).signals[0].ticks == 0


class TestClock:
    def test_that_was_ahead_once_does_not_blind(self, world, keeper):
        world.add("traffic", labels(3), spoilt(noise(3), FAULT, FAULT + 9 * RUN, 300.0))
        keeper.run(0)
        keeper.run(144)
        reports = [keeper.run(number) for number in range(1, 4)]
        assert [report.signals[0].scored for report in reports] == [7, 7, 7]
        assert "a time that has not come yet" in reports[0].signals[0].rebuilt
        assert [report.signals[0].rebuilt for report in reports[1:]] == [None, None]
        assert keeper.ears.opened == ["traffic of shop/s3"]


class TestDegradedAnswer:
    def outage(self, world):
        for number in range(7):
            world.add("traffic", labels(number), spoilt(noise(number), FAULT, FAULT + DAY, 0.0))
        world.degraded = True

    def test_is_no_outage(self, world, operator):
        operator.run(0)
        self.outage(world)
        world.degraded_from = FAULT
        report = operator.run(1)
        assert (report.alerts, report.exit_code) == ((), 0)
        assert report.signals[0].outcome == "degraded"
        assert report.warnings == ("traffic: store gateway is away",)

    def test_is_asked_for_again(self, world, keeper):
        keeper.run(0)
        self.outage(world)
        keeper.run(1)
        world.degraded = False
        for number in range(7):
            world.add("traffic", labels(number), noise(number))
        report = keeper.run(2)
        assert (report.signals[0].ticks, report.alerts) == (4, ())

    def test_of_long_ago_is_a_gap(self, world, keeper, monkeypatch):
        keeper.run(0)
        self.outage(world)
        keeper.run(1)
        for number in range(7):
            world.add("traffic", labels(number), spoilt(noise(number), FAULT, FAULT + STEP, 0.0))
        whole = world.query_range

        def mended(query, *, start, end, **keys):
            world.degraded = start <= FAULT
            return whole(query, start=start, end=end, **keys)

        monkeypatch.setattr(world, "query_range", mended)
        monkeypatch.setattr("anomaly.prometheus.blocks.BLOCK_SAMPLES", 7 * 4)
        report = keeper.run(9)
        assert (report.signals[0].outcome, report.signals[0].ticks) == ("judged", 18)
        assert report.alerts == ()


class TestAbsence:
    def test_of_a_series_is_told_once_and_its_return_once(self, world, operator):
        gone = spoilt(noise(3), FAULT, FAULT + 8 * STEP, np.nan)
        world.add("traffic", labels(3), gone)
        operator.run(0)
        assert operator.run(1).alerts == ()
        (alert,) = operator.run(2).alerts
        assert (alert.direction, alert.severity, alert.cause) == ("absent", "critical", "gone")
        operator.runs(3, 9)
        assert operator.ears.opened == operator.ears.resolved == ["traffic of shop/s3"]

    def test_of_all_series_is_one_incident_of_the_signal(self, world, operator):
        for number in range(7):
            world.add("traffic", labels(number), spoilt(noise(number), FAULT, FAULT + DAY, np.nan))
        report = operator.runs(0, 4)
        (alert,) = report.alerts
        assert (alert.labels, alert.direction) == ({}, "absent")
        assert operator.ears.opened == ["traffic of all"]

    def test_of_series_that_give_way_to_others_is_one_incident_at_most(self, tmp_path):
        world = World()
        for number in range(60):
            until = spoilt(noise(number), FAULT, FAULT + 9 * DAY, np.nan)
            world.add("traffic", labels(number), until)
            since = spoilt(noise(number), 0, FAULT, np.nan)
            world.add("traffic", {**labels(number), "zone": "b"}, since)
        operator = Operator(world, tmp_path)
        operator.runs(0, 40)
        assert len(operator.ears.opened) == 1
        assert operator.ears.resolved == []
        (alert,) = operator.reports[-1].alerts
        assert (alert.severity, alert.direction) == ("warning", "absent")
        assert alert.summary.startswith("60 series of traffic are gone, namespace=shop,service=s0")

    def test_of_one_service_among_those_that_gave_way_is_told(self, tmp_path):
        world = World()
        gone = FAULT + 12 * RUN
        for number in range(20):
            until = spoilt(noise(number), FAULT, FAULT + 9 * DAY, np.nan)
            world.add("traffic", labels(number), until)
            since = spoilt(noise(number), 0, FAULT, np.nan)
            world.add("traffic", {**labels(number), "zone": "b"}, since)
        world.add("traffic", labels(99), spoilt(noise(99), gone, gone + DAY, np.nan))
        operator = Operator(world, tmp_path)
        operator.runs(0, 16)
        assert operator.ears.opened == ["traffic of all", "traffic of shop/s99"]

    def test_of_a_pod_is_none_while_another_is_there(self, tmp_path):
        world = World()
        pods = {pod: {**labels(0), "pod": pod} for pod in ("a", "b")}
        world.add("traffic", pods["a"], spoilt(noise(0), FAULT, FAULT + DAY, np.nan))
        world.add("traffic", pods["b"], spoilt(noise(1), 0, FAULT, np.nan))
        operator = Operator(world, tmp_path)
        assert operator.runs(0, 9).alerts == ()

    def test_of_all_series_with_traffic_behind_them_is_no_crash(self, world, operator):
        for number in range(7):
            gone = spoilt(noise(number), FAULT, FAULT + DAY, np.nan)
            world.add("latency", labels(number), gone)
            world.add("rate", labels(number), gone)
        signal = {"name": "l", "query": "latency", "traffic": "rate", "absent_after_steps": 3}
        operator.runs(0, 4, signals=[signal])
        assert operator.ears.opened == ["l of all"]
        assert {report.exit_code for report in operator.reports} == {0}

    def test_of_the_only_series_is_its_own(self, tmp_path):
        world = World()
        world.add("traffic", labels(0), spoilt(noise(0), FAULT, FAULT + DAY, np.nan))
        operator = Operator(world, tmp_path)
        operator.runs(0, 4)
        assert operator.ears.opened == ["traffic of shop/s0"]

    def test_of_latency_is_what_no_traffic_looks_like(self, world, operator):
        world.add("traffic", labels(3), spoilt(noise(3), FAULT, FAULT + DAY, np.nan))
        signals = [{"name": "latency_p95", "query": "traffic", "kind": "latency"}]
        assert operator.runs(0, 4, signals=signals).alerts == ()

    def test_zero_is_not_absent(self, world, operator):
        world.add("traffic", labels(3), spoilt(noise(3), FAULT, FAULT + DAY, 0.0))
        (alert,) = operator.runs(0, 1).alerts
        assert (alert.direction, alert.value) == ("below", 0.0)

    def test_is_over_when_the_series_is_forgotten(self, world, keeper):
        world.add("traffic", labels(3), spoilt(noise(3), FAULT, FAULT + 9 * DAY, np.nan))
        forget = {"alerting": {"dead_after_seconds": 7200}}
        report = keeper.runs(0, 11, **forget)
        assert [alert.state for alert in report.alerts] == ["firing"]
        report = keeper.run(12, **forget)
        assert [alert.state for alert in report.alerts] == ["resolved"]
        assert report.signals[0].series == 6


class TestFaultyState:
    def test_damaged_series_are_judged_again_and_nothing_is_lost(self, keeper, tmp_path):
        keeper.runs(0, 1)
        (tmp_path / "0-of-1" / "traffic.npz").write_bytes(b"junk")
        report = keeper.run(2)
        assert report.signals[0].rebuilt.endswith("traffic.npz is damaged (BadZipFile)")
        keeper.runs(3, 9)
        assert keeper.ears.opened == keeper.ears.resolved == ["traffic of shop/s3"]

    def test_a_damaged_ledger_is_guessed(self, keeper, tmp_path):
        keeper.runs(0, 1)
        (tmp_path / "0-of-1" / "ledger.json").write_bytes(b"junk")
        report = keeper.run(2)
        assert report.exit_code == 0
        assert "what was told before is guessed" in report.warnings[0]
        keeper.runs(3, 9)
        assert keeper.ears.opened == keeper.ears.resolved == ["traffic of shop/s3"]

    def test_another_configuration_judges_again_under_the_same_keys(self, keeper):
        (before,) = keeper.runs(0, 1).alerts
        changed = {**ZSCORE, "zscore_threshold": 4}
        report = keeper.run(2, detector=changed)
        assert "another version or configuration" in report.warnings[0]
        assert [alert.key for alert in report.alerts] == [before.key]
        keeper.runs(3, 9, detector=changed)
        assert keeper.ears.opened == keeper.ears.resolved == ["traffic of shop/s3"]

    def test_what_is_found_no_more_is_over(self, keeper):
        keeper.runs(0, 1)
        (alert,) = keeper.run(2, detector={**ZSCORE, "zscore_threshold": 1000}).alerts
        assert alert.state == "resolved"
        assert alert.summary.endswith("it is not found any more")

    def test_what_is_older_than_the_history_is_judged_again(self, keeper):
        keeper.run(0)
        report = keeper.run(200)
        assert "older than the history" in report.signals[0].rebuilt

    def test_a_full_disk_fails_the_run_and_tells_once(self, keeper, monkeypatch):
        keeper.run(0)

        def full(*_):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("anomaly.state.files.os.fsync", full)
            for number in (1, 2, 3):
                report = keeper.run(number)
                assert report.exit_code == 1
                assert "No space left on device" in report.errors["state"]
        keeper.runs(4, 9)
        assert keeper.ears.opened == keeper.ears.resolved == ["traffic of shop/s3"]

    @pytest.mark.parametrize("moment", ["save_ledger", "commit", "tell"])
    def test_a_run_that_is_killed_is_made_good(self, keeper, monkeypatch, moment):
        keeper.run(0)

        def killed(*_, **__):
            raise KeyboardInterrupt

        where = {
            "save_ledger": "anomaly.state.Store.save_ledger",
            "commit": "anomaly.state.Store.commit",
            "tell": "anomaly.run.once.deliver",
        }
        with monkeypatch.context() as patch:
            patch.setattr(where[moment], killed)
            with pytest.raises(KeyboardInterrupt):
                keeper.run(1)
        keeper.runs(2, 9)
        assert keeper.ears.opened == keeper.ears.resolved == ["traffic of shop/s3"]

    def test_a_signal_that_is_gone_from_the_configuration_is_over(self, keeper):
        keeper.runs(0, 1)
        (alert,) = keeper.run(2, signals=[{"name": "other", "query": "other"}]).alerts
        assert alert.state == "resolved"


class TestSink:
    def test_that_does_not_listen_is_told_by_the_next_run(self, keeper):
        keeper.run(0)
        keeper.ears.deaf = True
        report = keeper.run(1)
        assert report.errors == {"ears": "nobody listens"}
        keeper.ears.deaf = False
        assert keeper.run(2).exit_code == 0
        assert keeper.ears.opened == ["traffic of shop/s3"]


class TestScores:
    def test_are_written_once_for_every_step(self, keeper):
        keeper.runs(0, 3)
        times = [
            time
            for block in keeper.pen.blocks
            if block.metric == "anomaly_score"
            for time, written in zip(block.timestamps, block.written()[0], strict=True)
            if written
        ]
        assert times == [NOW - STEP + number * STEP for number in range(8)]

    def test_that_could_not_be_written_are_by_the_next_run(self, keeper):
        keeper.run(0)
        keeper.pen.error = Unreachable("no receiver")
        report = keeper.run(1)
        assert report.errors == {"remote_write": "no receiver"}
        assert keeper.ears.opened == ["traffic of shop/s3"]
        keeper.pen.error = None
        keeper.pen.blocks.clear()
        keeper.run(2)
        scores = [block for block in keeper.pen.blocks if block.metric == "anomaly_score"]
        times = [time for block in scores for time in block.timestamps.tolist()]
        assert times == [NOW + number * STEP for number in range(1, 5)]
        assert keeper.ears.opened == ["traffic of shop/s3"]

    def test_end_with_the_series(self, keeper, world):
        world.add("traffic", labels(3), spoilt(noise(3), FAULT, FAULT + DAY, np.nan))
        keeper.run(0)
        keeper.pen.blocks.clear()
        keeper.run(1)
        (block, *_) = [block for block in keeper.pen.blocks if block.metric == "yhat"]
        assert block.written()[:, 0].all()
        assert np.isnan(block.values[3, 0])
        assert not block.written()[3, 1]

    def test_come_with_the_figures_of_the_run(self, keeper):
        keeper.run(0)
        figures = {
            (block.metric, *block.labels[0].values()): block.values[0, 0]
            for block in keeper.pen.blocks
        }
        own = ("default", "0-of-1")
        assert figures["anomaly_detector_last_success_timestamp_seconds", *own] == NOW
        assert figures["anomaly_detector_failed_signals", *own] == 0


class TestSeries:
    def test_that_are_too_many_are_counted(self, keeper):
        report = keeper.run(0, max_series=4)
        assert (report.signals[0].series, report.signals[0].dropped) == (4, 3)

    def test_that_are_new_are_judged_from_then_on(self, keeper, world):
        keeper.run(0)
        world.add("traffic", labels(9), spoilt(noise(9), 0, FAULT, np.nan))
        report = keeper.run(1)
        assert (report.signals[0].series, report.signals[0].warming) == (8, 1)
        report = keeper.runs(2, 20)
        assert report.signals[0].warming == 0

    def test_of_all_shards_are_told_once(self, world, tmp_path):
        told = []
        for index in range(3):
            operator = Operator(world, tmp_path, shards={"count": 3, "index": index})
            operator.runs(0, 2)
            told += operator.ears.opened
        assert told == ["traffic of shop/s3"]

    def test_that_come_and_go_make_the_signal_begin_anew_once_a_day(
        self, keeper, world, monkeypatch
    ):
        monkeypatch.setattr("anomaly.run.watch.SPARE_CHUNKS", 1)
        monkeypatch.setattr("anomaly.run.watch.MOST_STEPS", 1)
        for number in range(4):
            world.add("traffic", labels(10 + number), noise(number))
            keeper.run(number)
        rebuilt = [keeper.run(number).signals[0].rebuilt for number in (100, 144, 145, 146)]
        assert rebuilt == [None, None, "many series have come and gone", None]
        assert keeper.reports[-1].signals[0].series == 11

    def test_without_any_value_are_none(self, keeper, world):
        world.add("traffic", labels(8), lambda times: np.where(times < NOW, np.nan, np.inf))
        assert keeper.run(0).signals[0].series == 7


class TestMask:
    window = {
        "name": "maintenance",
        "start": "2023-11-14T22:00:00Z",
        "end": "2023-11-14T23:00:00Z",
    }

    def test_nobody_is_told_of_what_lies_within(self, operator):
        operator.runs(0, 9, masks=[self.window])
        assert operator.ears.opened == operator.ears.resolved == operator.ears.missed == []

    def test_nobody_is_told_that_all_is_gone_while_all_is_masked(self, world, operator):
        for number in range(7):
            gone = spoilt(noise(number), FAULT, FAULT + 3 * RUN, np.nan)
            world.add("traffic", labels(number), gone)
        mask = {**self.window, "match": {"service": "s[0-9]"}}
        operator.runs(0, 9, masks=[mask])
        assert operator.ears.opened == operator.ears.resolved == operator.ears.missed == []

    def test_unless_some_are_not(self, world, operator):
        for number in range(7):
            gone = spoilt(noise(number), FAULT, FAULT + 3 * RUN, np.nan)
            world.add("traffic", labels(number), gone)
        operator.runs(0, 9, masks=[{**self.window, "match": {"service": "s[0-5]"}}])
        assert operator.ears.opened == ["traffic of all"]

    def test_what_goes_on_afterwards_is_told_then(self, operator, world):
        world.add("traffic", labels(3), spoilt(noise(3), FAULT, FAULT + 9 * RUN, 300.0))
        operator.document["detector"] = {**ZSCORE, "history": 1000}
        operator.runs(0, 4, masks=[self.window])
        assert operator.ears.opened == []
        (alert,) = operator.run(5, masks=[self.window]).alerts
        assert (operator.ears.opened, alert.since) == (["traffic of shop/s3"], FAULT)

    @pytest.mark.parametrize("masks", [(), (window,)], ids=["without", "within"])
    def test_covers_the_silence_of_a_whole_signal(self, operator, world, masks):
        """Maintenance of those who measure is no incident."""
        for number in range(7):
            gone = spoilt(noise(number), NOW, NOW + 9 * RUN, np.nan)
            world.add("traffic", labels(number), gone)
        operator.runs(0, 4, masks=list(masks))
        assert bool(operator.ears.opened) != bool(masks)

    def test_what_is_excluded_is_not_learnt(self, keeper):
        exclude = [{**self.window, "effect": "exclude"}]
        keeper.runs(0, 4, masks=exclude)
        scores = [block for block in keeper.pen.blocks if block.metric == "anomaly_score"]
        assert scores
        late = [block.values[:, block.timestamps > NOW] for block in scores]
        assert not any(np.isfinite(values).any() for values in late)
        keeper.runs(5, 6, masks=exclude)
        bands = [block for block in keeper.pen.blocks if block.metric == "yhat_upper"]
        assert bands[-1].values[3, -1] < 120


class TestReport:
    def test_is_one_line_of_json(self, operator):
        text = operator.runs(0, 1).to_json()
        document = json.loads(text)
        assert "\n" not in text
        assert document["at"] == "2023-11-14T22:25:00Z"
        assert document["signals"][0]["name"] == "traffic"
        assert document["alerts"][0]["since"] == "2023-11-14T22:20:00Z"
        assert document["groups"][0]["alerts"] == [document["alerts"][0]["key"]]
        assert document["recommendations"][0].startswith("warning: traffic of shop/s3")
        assert set(document["stage_seconds"]) == {"read", "score", "write", "remember", "tell"}

    def test_says_what_is_warming_up(self, operator):
        assert operator.run(0, lookback_seconds=15 * STEP).signals[0].warming == 7

    def test_of_an_empty_query_warns(self, operator):
        report = operator.run(0, signals=[{"name": "other", "query": "other"}])
        assert report.signals[0].outcome == "empty"
        assert report.warnings == ("other: the query has no series",)


class TestOnce:
    def test_a_run_beside_another_leaves_the_work_to_it(self, tmp_path):
        settings = Settings.model_validate({"state": {"folder": str(tmp_path)}})
        with opened(tmp_path, settings.shard):
            report = run_once(settings, now=NOW)
        assert report.exit_code == 0
        assert "another run is at work" in report.warnings[0]

    def test_a_folder_that_cannot_be_used_is_an_error(self, tmp_path):
        (tmp_path / "0-of-1").touch()
        with pytest.raises(StateError, match="cannot use"):
            run_once(Settings.model_validate({"state": {"folder": str(tmp_path)}}), now=NOW)
