import numpy as np
import pytest

from anomaly.labels import Shard
from anomaly.offline.past import SignalHistory, SignalsPast
from anomaly.prometheus.blocks import Blocks, Companions
from anomaly.prometheus.readings import Readings
from anomaly.run import run
from anomaly.settings import Settings
from anomaly.state import opened
from tests.anomaly.world import DAY, NOW, STEP, Ears, World, noise, spoilt

BEGIN = NOW - DAY
MINUTES = 30
NAMES = ("api", "web", "db", "cache")


@pytest.fixture
def settings():
    return Settings(
        signals=[
            {"name": "latency_p95", "query": "latency", "kind": "latency"},
            {"name": "traffic", "query": "traffic", "kind": "traffic"},
        ],
        lookback_seconds=DAY // 2,
        interval_minutes=MINUTES,
        step_seconds=STEP,
    )


@pytest.fixture
def world():
    """Two signals of four services, with faults in the last day."""
    world = World()
    for place, name in enumerate(NAMES):
        latency, traffic = noise(place), noise(100 + place, mean=50, spread=1)
        if name == "api":
            latency = spoilt(latency, BEGIN + 7200, BEGIN + 9300, 300.0)
        if name == "web":
            traffic = spoilt(traffic, BEGIN + 30_000, BEGIN + 33_000, np.nan)
            latency = spoilt(latency, BEGIN + 60_000, BEGIN + 61_200, 160.0)
        world.add("latency", {"service": name}, latency)
        world.add("traffic", {"service": name}, traffic)
    return world


def past(world, settings):
    histories = []
    for signal in settings.signals:
        blocks = Blocks(world, Companions(world), signal, settings)
        readings = Readings()
        for block in blocks.read(BEGIN - settings.lookback_seconds, NOW):
            readings.add(block)
        histories.append(SignalHistory(signal, readings))
    return SignalsPast(histories, settings, since=BEGIN)


def beginnings(alerting, times):
    """The times at which alerts began."""
    return times[np.flatnonzero(np.diff(np.concatenate([[False], alerting]).astype(int)) > 0)]


class TestExactness:
    def test_alerts_are_those_that_runs_would_have_told_when_they_would_have_told_them(
        self, world, settings, tmp_path
    ):
        told, nows = [], np.arange(BEGIN, NOW + 1, MINUTES * 60)
        for now in nows:
            ears = Ears()
            with opened(tmp_path, Shard()) as store:
                run(settings, now=float(now), prometheus=world, sinks=[ears], state=store)
            told += [(float(now), what) for what in (*ears.opened, *ears.missed)]
        replayed = []
        for series in past(world, settings).alerted(1):
            signal, service = series.name.partition("{")[0], series.labels["service"]
            for begin in beginnings(series.alerting, series.timestamps):
                first_run = next(
                    now for now in nows if (now - settings.delay_seconds) // STEP * STEP >= begin
                )
                replayed.append((float(first_run), f"{signal} of {service}"))
        assert len(told) >= 3
        assert sorted(replayed) == sorted(told)


class TestSignalsPast:
    def test_series_go_by_signal_and_labels(self, world, settings):
        names = [name.text for name in past(world, settings).names]
        assert len(names) == 8
        assert 'latency_p95{service="api"}' in names

    def test_what_lies_before_the_span_only_teaches(self, world, settings):
        world.add(
            "traffic", {"service": "old"}, spoilt(noise(9), BEGIN - 20_000, BEGIN - 17_000, 900.0)
        )
        replayed = past(world, settings)
        place = [name.labels["service"] for name in replayed.names].index("old")
        series = list(replayed.alerted(1))[place]
        assert not series.alerting.any()
        assert series.present.sum() == DAY // STEP + 1
        assert replayed.verdicts(place).alerting.any()
        assert replayed.span == (BEGIN, NOW)

    def test_a_series_that_comes_later_is_unknown_before(self, world, settings):
        world.add("traffic", {"service": "new"}, spoilt(noise(9), 0, BEGIN + 30_000, np.nan))
        replayed = past(world, settings)
        place = [name.labels["service"] for name in replayed.names].index("new")
        verdicts = replayed.verdicts(place)
        known = np.isfinite(verdicts.values)
        assert verdicts.timestamps[known][0] >= BEGIN + 30_000
        assert not np.isfinite(verdicts.score[~known]).any()
        assert len(verdicts.score) == len(verdicts.timestamps)

    def test_verdicts_say_what_the_configured_threshold_told(self, world, settings):
        replayed = past(world, settings)
        place = [name.text for name in replayed.names].index('latency_p95{service="api"}')
        verdicts, series = replayed.verdicts(place), list(replayed.alerted(1))[place]
        counted = verdicts.timestamps >= BEGIN
        assert series.alerting.any()
        assert np.array_equal(verdicts.alerting[counted], series.alerting[counted])
        assert verdicts.views
        assert replayed.incidents(place) is None

    def test_a_threshold_that_nothing_reaches_tells_of_absence_only(self, world, settings):
        found = [
            series.name for series in past(world, settings).alerted(1e12) if series.alerting.any()
        ]
        assert found == ['traffic{service="web"}']

    def test_without_control_of_false_discoveries_everything_is_told_at_once(self, world, settings):
        free = settings.model_copy(
            update={"alerting": settings.alerting.model_copy(update={"false_discovery": None})}
        )
        replayed = past(world, free)
        place = [name.text for name in replayed.names].index('latency_p95{service="api"}')
        series = list(replayed.alerted(1))[place]
        begin = beginnings(series.alerting, series.timestamps)
        assert begin[0] == BEGIN + 7200

    def test_when_all_series_are_gone_at_once_that_is_one_alert(self, world, settings):
        gone = (BEGIN + 30_000, BEGIN + 33_000, np.nan)
        for place in range(8):
            world.add("saturation", {"pod": str(place)}, spoilt(noise(50 + place), *gone))
        signal = {"name": "saturation", "query": "saturation", "kind": "saturation"}
        one = Settings.model_validate(settings.model_dump() | {"signals": [signal]})
        replayed = past(world, one)
        *series, whole = replayed.alerted()
        assert len(series) == len(replayed.names) == 8
        assert not any(each.alerting.any() for each in series)
        assert whole.name == "saturation"
        (begin,) = beginnings(whole.alerting, whole.timestamps)
        assert BEGIN + 30_000 <= begin <= BEGIN + 31_500
