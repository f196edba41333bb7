import numpy as np
import pytest

from anomaly.labels import Shard
from anomaly.offline.past import SignalHistory, SignalsPast
from anomaly.pipeline.fetch import history, history_start
from anomaly.prometheus.blocks import Companions
from anomaly.run import run
from anomaly.settings import Settings
from anomaly.sinks.sink import Message
from anomaly.state import opened
from tests.anomaly.world import DAY, NOW, STEP, Ears, World

BEGIN = NOW - DAY


class Keys(Ears):
    """Hears the names of alerts: those that began, and those that are over."""

    def compose(self, alerts, told, *, now):
        del now
        news = told.news(self.name, alerts, "info")
        kinds = {"opened": (*news.opened, *news.missed), "resolved": news.resolved}
        return tuple(
            Message(f"{kind} {alert.key}".encode(), tells=(alert,))
            for kind, several in kinds.items()
            for alert in several
        )


def random_values(rng):
    """Noise at any level, with spikes, steps, waves, holes and outages."""
    length = 1 << 12
    base = rng.choice([0.05, 5.0, 100.0, 3e6])
    values = base * np.exp(rng.normal(0, rng.choice([0.01, 0.05, 0.3]), length))
    if rng.random() < 0.5:
        values *= 1 + 0.5 * np.sin(np.arange(length) * 2 * np.pi / 288)
    for _ in range(rng.integers(3, 12)):
        at, long = rng.integers(length // 2, length), rng.choice([1, 2, 6, 20, 100])
        kind = rng.choice(["spike", "outage", "hole", "shift"])
        if kind == "shift":
            values[at:] *= rng.choice([0.6, 1.7])
        else:
            values[at : at + long] *= {"spike": rng.uniform(2, 9), "outage": 0, "hole": np.nan}[
                kind
            ]
    if rng.random() < 0.2:
        values[rng.random(length) < 0.2] = np.nan
    if rng.random() < 0.2:
        values[: length - rng.integers(40, 300)] = np.nan  # it comes late
    first = int((NOW - (length - 40) * STEP) // STEP)

    def of(times):
        return values[np.clip((times // STEP).astype(int) - first, 0, length - 1)]

    return of


def random_world(rng):
    world = World()
    for query in ("latency", "traffic", "other"):
        for place in range(rng.integers(2, 9)):
            labels = {"service": f"s{place // 2}", "pod": f"p{place}"}
            world.add(query, labels, random_values(rng))
    return world


def settings_of(rng):
    return Settings.model_validate(
        {
            "signals": [
                {"name": name, "query": name, "kind": name}
                for name in ("latency", "traffic", "other")
            ],
            "lookback_seconds": 4 * DAY,
            "interval_minutes": int(rng.choice([10, 15, 30])),
            "step_seconds": STEP,
        }
    )


def told_by_runs(settings, world, folder):
    """By key of alert: the tick of the run that told it, and of the run that told its end."""
    began, over = {}, {}
    interval = settings.interval_minutes * 60
    for tick in np.arange(BEGIN, NOW + 1, interval):
        ears = Keys()
        with opened(folder, Shard()) as store:
            now = float(tick) + settings.delay_seconds
            run(settings, now=now, prometheus=world, sinks=[ears], state=store)
        for key in ears.opened:
            began.setdefault(key, []).append(float(tick))
        for key in ears.resolved:
            over.setdefault(key, []).append(float(tick))
    return began, over


def told_by_backtest(settings, world):
    companions = Companions(world)
    span = (history_start(settings, BEGIN), NOW)
    histories = [
        SignalHistory(
            signal, history(signal, settings, world, companions, span, first_run=BEGIN)[0]
        )
        for signal in settings.signals
    ]
    return SignalsPast(histories, settings, since=BEGIN).told()


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_a_backtest_says_what_runs_say(seed, tmp_path):
    rng = np.random.default_rng(seed)
    world, settings = random_world(rng), settings_of(rng)
    began, over = told_by_runs(settings, world, tmp_path)
    interval = settings.interval_minutes * 60

    def of_run(moment):
        """The tick of the first run that can know of a moment."""
        return BEGIN + float(np.ceil((moment - BEGIN) / interval)) * interval

    said = told_by_backtest(settings, world)
    # What was due before the first run was told by one that left nothing behind.
    news = [each for each in said if each.due > BEGIN - interval]
    assert {each.key: [of_run(each.due)] for each in news} == began
    # What began and was over between two runs is told once.
    ended = {
        each.key: [of_run(each.until)]
        for each in news
        if each.until <= NOW and of_run(each.until) > of_run(each.due)
    }
    assert ended == {key: ticks for key, ticks in over.items() if key in began}
    assert began
