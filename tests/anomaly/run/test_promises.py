"""What people are promised of a signal, whatever its series are like: told in time, over in time.

Each row is a history that is judged from its first point on, as runs would have judged it; beside
it another series of the same signal, which is calm. Hours are counted from a Monday, midnight UTC.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from anomaly.offline.past import SignalHistory, SignalsPast
from anomaly.pipeline.fetch import history
from anomaly.prometheus.blocks import Companions
from anomaly.settings import Settings
from tests.anomaly.world import World

DAY, HOUR, T0 = 86_400, 3600.0, 1_772_409_600

EVENT = 9 * 24 + 14.0
"""Hour at which something happens, in the afternoon of the tenth day."""

SOON = 0.25
"""Hours within which it is told."""


class Time:
    """Ticks, and what makes shapes of them."""

    def __init__(self, times, step, zone="UTC"):
        self.tick = np.rint((times - T0) / step).astype(int)
        self.hours = (times - T0) / HOUR
        ahead = [datetime.fromtimestamp(t, ZoneInfo(zone)).utcoffset().seconds for t in times]
        civil = times - T0 + np.array(ahead)
        self.hour, self.day = civil % DAY / HOUR, civil // DAY

    def within(self, since, until):
        return (self.hours >= since - 1e-9) & (self.hours < until - 1e-9)

    def noise(self, spread, seed=1):
        return np.random.default_rng(seed).normal(0, spread, 1 << 16)[self.tick % (1 << 16)]

    def wave(self):
        """A day's shape with noise."""
        return (200 + 100 * np.sin((self.hour - 8) / 12 * np.pi)) * np.exp(self.noise(0.05))

    def office(self, spread=0.08):
        """Loud by day, nearly nothing at night and at weekends."""
        busy = (self.hour >= 8) & (self.hour < 18) & (self.day % 7 < 5)
        return np.where(busy, 100.0, 5.0) * np.exp(self.noise(spread))


@dataclass(frozen=True)
class Case:
    """A history, and what is promised of it."""

    values: Callable[[Time], np.ndarray]

    days: tuple[float, float]
    """The history; the first is that of its first point."""

    told: tuple[tuple[float, float], ...] = ()
    """Hours at which something begins that is told, and hours within which."""

    over: float = np.inf
    """Hour by which what was told of the first is over."""

    quiet: tuple[tuple[float, float], ...] = ()
    """Between which hours nothing begins."""

    since: float = 0.0
    """Day from which on runs are thought of."""

    kind: str = "other"
    step: int = 300
    zone: str = "UTC"
    signal: dict[str, Any] = field(default_factory=dict)


def alerts(case):
    """(told, over) of each alert, in hours."""

    def values(times):
        return np.asarray(case.values(Time(times, case.step, case.zone)), float)

    def calm(times):
        return 50 + Time(times, case.step).noise(1, seed=2)

    world = World()
    world.add("q", {"service": "x"}, values)
    world.add("q", {"service": "calm"}, calm)
    settings = Settings.model_validate(
        {
            "signals": [{"name": "s", "kind": case.kind, "query": "q", **case.signal}],
            "step_seconds": case.step,
            "detector": {"time_zone": case.zone},
        }
    )
    (signal,) = settings.signals
    begin, end = (T0 + day * DAY for day in case.days)
    first = max(begin, T0 + case.since * DAY) + 2 * case.step
    span = (begin, end)
    readings, _ = history(signal, settings, world, Companions(world), span, first_run=first)
    with readings:
        told = SignalsPast([SignalHistory(signal, readings)], settings, first).told()
    own = [each for each in told if dict(each.series).get("service") == "x"]
    return sorted(((each.due - T0) / HOUR, (each.until - T0) / HOUR) for each in own)


NO_ABSENCE = {"absent_after_steps": 0}


def spoilt(values, at, hours, to):
    """Half an hour or so at a value."""
    return lambda time: np.where(time.within(at, at + hours), to, values(time))


def zero_heavy(time):
    random = np.random.default_rng(1002)
    rare = np.where(random.random(1 << 15) < 0.05, random.poisson(2, 1 << 15), 0.0)
    return rare[time.tick % (1 << 15)]


def holes(value):
    def values(time):
        missing = np.random.default_rng(3).random(1 << 15)[time.tick % (1 << 15)] < 0.3
        return np.where(missing, value, np.where(time.within(EVENT, EVENT + 1), 0, time.wave()))

    return values


def job(time, hours, high, missing, weekday=None):
    """What comes every day, or every week, but on one day."""
    due = (time.hour >= hours[0]) & (time.hour < hours[1]) & (time.day != missing)
    if weekday is not None:
        due &= time.day % 7 == weekday
    return np.where(due, high, 2.0) * np.exp(time.noise(0.05))


def office_day(day, left, spread=0.08):
    """Office hours of which so much is left from eleven to five on one day."""
    eleven = day * 24 + 11
    return Case(
        lambda time: time.office(spread) * np.where(time.within(eleven, eleven + 6), left, 1),
        (day - 21, day + 7.9),
        told=((eleven, 0.25 if left == 0 else 1.0),),
        over=eleven + 6.6,
        quiet=((eleven + 7, eleven + 21), (eleven + 22, eleven + 28), (eleven + 164, eleven + 174)),
        since=day - 3,
        kind="traffic",
    )


def changed_clocks(sunday, eleven):
    """Offices of Berlin, closed at eleven of the Monday after clocks were changed."""
    monday = (sunday + 1) * 24 + eleven
    return Case(
        lambda time: time.office() * np.where(time.within(monday, monday + 2), 0, 1),
        (sunday - 21, sunday + 5),
        told=((monday, SOON),),
        over=monday + 2.6,
        quiet=((sunday * 24 - 30, monday), (monday + 3, (sunday + 5) * 24)),
        since=sunday - 7,
        kind="traffic",
        zone="Europe/Berlin",
    )


HALF = (EVENT, EVENT + 0.5)
SHORT = (0, 11)

CASES = {
    "one value below zero": Case(
        lambda time: np.where(time.within(EVENT, EVENT + 1 / 12), -95, time.noise(1) - 50),
        SHORT,
        told=((EVENT, SOON),),
        over=EVENT + 0.5,
    ),
    "one value of noise around zero": Case(
        lambda time: np.where(time.within(EVENT, EVENT + 1 / 12), -25, time.noise(1)),
        SHORT,
        told=((EVENT, SOON),),
        over=EVENT + 0.5,
    ),
    "one value of mostly zeros": Case(
        spoilt(zero_heavy, EVENT, 1 / 12, 60), SHORT, told=((EVENT, SOON),), over=EVENT + 0.5
    ),
    "one value by the hour": Case(
        lambda time: np.where(time.within(494, 495), 250, 100 + time.noise(2)),
        (0, 24),
        told=((494, 1),),
        over=500,
        quiet=((501, 576),),
        step=3600,
    ),
    "one value by the quarter of a minute": Case(
        lambda time: np.where(time.within(62, 62 + 1 / 240), 250, 100 + time.noise(2)),
        (0, 3),
        told=((62, 0.1),),
        over=62.5,
        step=15,
    ),
    "a counter that restarts, then half an hour at zero": Case(
        lambda time: np.where(
            time.within(EVENT, EVENT + 1 / 12),
            1e9,
            np.where(time.within(EVENT + 8, EVENT + 8.5), 0, 30 * np.exp(time.noise(0.1))),
        ),
        SHORT,
        told=((EVENT, SOON), (EVENT + 8, SOON)),
        over=EVENT + 0.5,
    ),
    "a million billions at zero": Case(
        lambda time: np.where(time.within(*HALF), 0, 1e15 * (1 + time.noise(1e-3))),
        SHORT,
        told=((EVENT, SOON),),
        over=EVENT + 1,
    ),
    "a billionth at zero": Case(
        lambda time: np.where(time.within(*HALF), 0, 1e-9 * (1 + time.noise(1e-2))),
        SHORT,
        told=((EVENT, SOON),),
        over=EVENT + 1,
    ),
    "a constant at zero": Case(
        lambda time: np.where(time.within(*HALF), 0, 42), SHORT, told=((EVENT, SOON),), over=231
    ),
    "a replica less": Case(
        lambda time: np.where(time.within(EVENT, EVENT + 2), 2, 3),
        SHORT,
        told=((EVENT, SOON),),
        over=EVENT + 2.5,
        quiet=((EVENT + 3, 264),),
    ),
    "noise with heavy tails times three hundred": Case(
        lambda time: np.exp(time.noise(1)) * np.where(time.within(*HALF), 300, 1),
        SHORT,
        told=((EVENT, SOON),),
        over=EVENT + 1.1,
    ),
    "a recovery to a new level": Case(
        lambda time: (
            100
            * np.exp(time.noise(0.03))
            * np.where(time.within(EVENT, EVENT + 1), 0, np.where(time.hours >= EVENT, 1.35, 1))
        ),
        (0, 12),
        told=((EVENT, SOON),),
        over=EVENT + 13.25,
        quiet=((EVENT + 14, 288),),
    ),
    "zero inside what is doubled": Case(
        lambda time: (
            time.wave()
            * np.where(time.within(EVENT, EVENT + 6), 2, 1)
            * np.where(time.within(EVENT + 3, EVENT + 3.5), 0, 1)
        ),
        SHORT,
        told=((EVENT, SOON), (EVENT + 3, SOON)),
        over=EVENT + 3.25,
    ),
    "half an hour at zero after three days of it": Case(
        lambda time: (
            time.wave()
            * ~(time.within(EVENT, EVENT + 72) | time.within(EVENT + 100, EVENT + 100.5))
        ),
        (0, 15),
        told=((EVENT, SOON), (EVENT + 100, SOON)),
        over=EVENT + 12.1,
        quiet=((EVENT + 1, EVENT + 72),),
        kind="traffic",
    ),
    "half an hour at zero after nothing for three weeks": Case(
        lambda time: np.where(
            time.within(EVENT, EVENT + 480),
            np.nan,
            time.wave() * ~time.within(EVENT + 500, EVENT + 500.5),
        ),
        (0, 31),
        told=((EVENT + 500, SOON),),
        over=EVENT + 501.25,
        quiet=((EVENT + 480, EVENT + 499),),
        signal=NO_ABSENCE,
    ),
    "a gap in an alert": Case(
        lambda time: np.where(
            time.within(EVENT + 0.5, EVENT + 2.5),
            np.nan,
            100 * np.exp(time.noise(0.03)) * np.where(time.within(*HALF), 4, 1),
        ),
        SHORT,
        told=((EVENT, SOON),),
        over=EVENT + 1.8,
        quiet=((EVENT + 2, 264),),
        signal=NO_ABSENCE,
    ),
    "an end in an alert": Case(
        lambda time: np.where(
            time.hours < EVENT + 0.5,
            100 * np.exp(time.noise(0.05)) * np.where(time.hours < EVENT, 1, 5),
            np.nan,
        ),
        SHORT,
        told=((EVENT, SOON),),
        over=EVENT + 1.8,
        signal=NO_ABSENCE,
    ),
    "holes": Case(
        holes(np.nan), (0, 12), told=((EVENT, 0.5),), over=EVENT + 1.8, signal=NO_ABSENCE
    ),
    "infinities": Case(
        holes(np.inf), (0, 12), told=((EVENT, 0.5),), over=EVENT + 1.8, signal=NO_ABSENCE
    ),
    "a series six hours old": Case(
        lambda time: np.where(
            time.hours < EVENT,
            np.nan,
            100 * np.exp(time.noise(0.1)) * ~time.within(EVENT + 6, EVENT + 6.5),
        ),
        SHORT,
        told=((EVENT + 6, SOON),),
        over=EVENT + 7,
    ),
    "offices closed on Monday": office_day(28, 0),
    "offices closed on Friday": office_day(32, 0),
    "half of the offices on Tuesday": office_day(29, 0.5, 0.05),
    "half of the offices on Thursday": office_day(31, 0.5, 0.05),
    "offices that do not open": Case(
        lambda time: np.where(
            time.within(728, 738), 5 * np.exp(time.noise(0.08, seed=3)), time.office()
        ),
        (9, 37.8),
        told=((728, 0.5),),
        quiet=((740, 750), (752, 762), (894, 906)),
        since=29,
        kind="traffic",
    ),
    "offices by the hour": Case(
        lambda time: time.office() * ~time.within(37 * 24 + 11, 37 * 24 + 17),
        (0, 38.5),
        told=((37 * 24 + 11, 1),),
        over=37 * 24 + 21,
        quiet=((30 * 24, 37 * 24 + 10),),
        since=14,
        kind="traffic",
        step=3600,
    ),
    "offices when summer time begins": changed_clocks(27, 9),
    "offices when it ends": changed_clocks(237, 10),
    "a nightly job that is missed": Case(
        lambda time: job(time, (2, 2.5), 500.0, 20),
        (0, 28.5),
        told=((20 * 24 + 2, SOON),),
        quiet=((240, 480), (20 * 24 + 3, 28.5 * 24)),
        since=10,
    ),
    "a weekly job that is missed": Case(
        lambda time: job(time, (3, 4), 80.0, 41, weekday=6),
        (0, 56),
        told=((41 * 24 + 3, 0.5),),
        quiet=((20 * 24, 41 * 24), (41 * 24 + 5, 56 * 24)),
        since=20,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_is_kept(case):
    """Told in time, over in time, and no word of what is no news."""
    said = alerts(case)
    for at, hours in case.told:
        assert [begin for begin, _ in said if at - 1e-6 <= begin <= at + hours + 1e-6], said
    if case.told:
        first, hours = case.told[0]
        ends = [end for begin, end in said if first <= begin <= first + hours]
        assert ends[0] <= case.over + 1e-6
    for since, until in case.quiet:
        assert not [begin for begin, _ in said if since <= begin < until], said
