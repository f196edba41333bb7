"""The alarm: when an incident of a series begins, and when it is over.

It opens when enough of the last few minutes are anomalous. It closes when the series is back: when
its values have lain for a while where they were expected before the incident. What the incident
itself has done to the windows of the views, its trace, neither opens an alarm nor keeps one open.
Everything that takes time goes by the clock, so values that are missing or rare delay nothing.

Most series are calm at most times, so a block is looked at as a whole first; only the series that
have something to tell are followed tick by tick.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from anomaly.detector.arrays import SILENCE, Block, Flags, Places, Row, Times
from anomaly.detector.stored import Stored

TRACE = 13
"""Ticks for which an incident stays in the windows of most views."""

LONG_TRACE = 48
"""The same of the longest windows."""

OTHER = 3.0
"""So many times as far away as ever before in an incident is another incident."""

BACK = 0.1
"""A series is back when no more than that share of its largest deviation is left."""

FEW = 2.0
"""So many incidents say nothing of how a series usually is; of more it learns."""

BRIEF = 24
"""Nor do the first so many ticks of an incident; what lasts for longer may be the new normal."""

FORGOTTEN = 1024
"""Ticks after which an incident counts half among them."""

HIGHEST = 1e3
"""No score stands higher."""

Ticks = NDArray[np.int64]


@dataclass(frozen=True)
class Evidence:
    """What is known of some ticks, (time, series)."""

    hot: Flags
    """The score is above the threshold and the deviation is large enough to matter."""

    sudden: Flags
    """The same without the views whose windows are long."""

    certain: Flags
    """It is hot, and so far above the threshold that one tick is enough."""

    present: Flags
    """There is a value."""

    values: Block
    """What came; where nothing did, what came before."""

    expected: Block
    """What level or season say, whichever is closer to the series: of before an incident."""

    reach: Block
    """How far from it is still normal."""

    local: Block
    """The middle of the last few values."""

    local_reach: Block
    """How far from that is still normal."""


@dataclass(frozen=True)
class Verdict:
    """What an alarm says of some ticks, (time, series)."""

    on: Flags
    """Where an incident is on."""

    begins: Flags
    """Where one begins."""

    strange: Block
    """Ticks since the newest that is not to be learnt from."""

    expected: Block
    """(time, series that were given): what was expected before the incident; NaN where none is on,
    or the series is back."""

    reach: Block
    """How far from it is still normal; likewise."""

    standing: Block
    """The score that an incident keeps for as long as the series is not back: how far it is from
    there, in reaches; likewise."""

    def show(self, series: Places, score: Block, expected: Block, reach: Block) -> None:
        """Put what is frozen where it was given for; into blocks of all series."""
        goes_on = ~np.isnan(self.standing)
        score[:, series] = np.fmax(score[:, series], self.standing)
        expected[:, series] = np.where(goes_on, self.expected, expected[:, series])
        reach[:, series] = np.where(goes_on, self.reach, reach[:, series])


@dataclass(frozen=True)
class Rule:
    """When an alarm opens and closes."""

    window: int
    """Ticks that are looked at together."""

    least: int
    """How many of them must be hot, the newest included."""

    recovery_ticks: int
    recovery_seconds: float
    """Ticks and seconds for which a series must be back until the incident is over."""

    shift_ticks: int
    shift_seconds: float
    """Ticks and seconds after which what has lasted is normal."""

    side: int
    """Where deviations count: 1 above, -1 below, 0 on both sides."""

    seasonal: Flags
    """(series,): where `expected` follows the time of the day."""

    step: float
    """Seconds between ticks."""


@dataclass
class Alarm(Stored):
    """What is known of the incident that is on, or of the last one; all (series,)."""

    on: Flags
    """Whether an incident is on."""

    since: Row
    """Epoch seconds at which it began."""

    ticks: Row
    """Ticks since then."""

    calm_since: Row
    """Epoch seconds since when the series is back; infinite while it is not."""

    calm_ticks: Row
    """Ticks since then."""

    heard: Row
    """Epoch seconds of the newest value that was not back."""

    away: Row
    """Ticks since the newest that was hot and not where it was expected."""

    strange: Row
    """Ticks since the newest of these that is not to be learnt from."""

    often: Row
    """Incidents up to the newest, that included; old ones count less."""

    rested: Row
    """Ticks since the newest began."""

    expected: Row
    reach: Row
    """The frozen expectation; where it follows the day, `expected` is not used."""

    local: Row
    local_reach: Row
    """What the series had last been like."""

    farthest: Row
    """The largest deviation so far, with its sign."""

    former: Row
    """That of the incident that was on when this one began; 0 where none was."""

    recent: Flags
    """(time, series): which of the last few ticks were hot."""

    @classmethod
    def silent(cls, series: int) -> "Alarm":
        """No incident anywhere."""
        rows = {part.name: np.zeros(series) for part in fields(cls)[1:-1]}
        alarm = cls(on=np.zeros(series, np.bool_), **rows, recent=np.zeros((0, series), np.bool_))
        alarm.away[:] = alarm.strange[:] = np.inf
        return alarm

    def lasting(self, rule: Rule, now: float) -> Flags:
        """(series,): where an incident has lasted for so long that it is normal at `now`."""
        enough = (self.ticks >= rule.shift_ticks) & (now >= self.since + rule.shift_seconds)
        return self.on & enough & np.isinf(self.calm_since)

    def accept(self, series: Flags) -> None:
        """What some series have come to is normal now."""
        self.on = self.on & ~series
        self.away = np.where(series, np.inf, self.away)
        self.strange = np.where(series, np.inf, self.strange)

    def follow(self, times: Times, series: Places, evidence: Evidence, rule: Rule) -> "Followed":
        """What comes of the ticks, until something becomes normal; `take` it then.

        Args:
            times: of the ticks.
            series: those that may have something to tell: where an incident is on, or a tick hot.
            evidence: what is known of these.
            rule: when to open and close.
        """
        window = rule.window
        before = self._before(window)
        seen = np.concatenate([before[:, series], evidence.hot])
        so_far = np.cumsum(seen, axis=0, dtype=np.int32)
        counts = so_far[window:] - so_far[: len(times)]
        opening = evidence.certain | (evidence.hot & (counts >= rule.least))
        recent = np.concatenate([before, np.zeros((len(times), len(self.on)), np.bool_)])
        recent[:, series] = seen
        busy = np.flatnonzero(opening.any(axis=0) | self.on[series])
        rows = np.array([getattr(self, name)[series[busy]] for name in ROWS])
        ticks_seen = np.array([opening, *(getattr(evidence, name) for name in SEEN)])[..., busy]
        followers = [
            _Follower(row, bool(rule.seasonal[column]), rule).through(times, ticks_seen[..., place])
            for place, (row, column) in enumerate(zip(rows.T.tolist(), series[busy], strict=True))
        ]
        ticks = min((each.seen for each in followers), default=len(times))
        return Followed(ticks, series, busy, followers, recent[ticks + 1 : ticks + window])

    def rest(self, ticks: int, rule: Rule) -> "Followed":
        """What comes of so many ticks at which no series has anything to tell."""
        calm = np.zeros((ticks, len(self.on)), np.bool_)
        recent = np.concatenate([self._before(rule.window), calm])[ticks + 1 :]
        none = np.empty(0, np.intp)
        return Followed(ticks, none, none, (), recent)

    def _before(self, window: int) -> Flags:
        """Which of so many ticks before were hot."""
        before = np.zeros((window, len(self.on)), np.bool_)
        known = min(len(self.recent), window)
        before[window - known :] = self.recent[len(self.recent) - known :]
        return before

    def take(self, followed: "Followed") -> Verdict:
        """Go on from what came of some ticks, and say it."""
        ticks, series = followed.ticks, followed.series
        on, begins = (np.zeros((ticks, len(self.on)), np.bool_) for _ in range(2))
        strange = self.strange + np.arange(1.0, ticks + 1)[:, None]
        frozen = np.full((3, ticks, len(series)), np.nan)
        for name in ("away", "strange", "rested"):
            setattr(self, name, getattr(self, name) + ticks)
        columns = series[followed.busy]
        for name in ROWS if len(columns) else ():
            getattr(self, name)[columns] = [getattr(one, name) for one in followed.followers]
        for place, column, follower in zip(followed.busy, columns, followed.followers, strict=True):
            on[:, column], begins[:, column] = follower.was_on, follower.began
            strange[:, column] = follower.was_strange
            for at, stood in follower.stood:
                frozen[:, at, place] = stood
        self.recent = followed.recent
        return Verdict(on, begins, strange, *frozen)


ROWS = tuple(part.name for part in fields(Alarm)[:-1])
SEEN = tuple(part.name for part in fields(Evidence))


class _Tick(NamedTuple):
    """One tick of one series: when, whether enough is hot to open, and what else is known of it."""

    now: float
    opens: float
    hot: float
    sudden: float
    certain: float
    present: float
    value: float
    expected: float
    reach: float
    local: float
    local_reach: float


class _Follower:
    """One series; the fields are those of `Alarm`, as plain numbers."""

    on: bool
    since: float
    ticks: float
    calm_since: float
    calm_ticks: float
    heard: float
    away: float
    strange: float
    often: float
    rested: float
    expected: float
    reach: float
    local: float
    local_reach: float
    farthest: float
    former: float

    was_on: Flags
    began: Flags
    was_strange: Row
    """(time,): what `Verdict` says of each tick."""

    stood: list[tuple[int, tuple[float, float, float]]]
    """Places of ticks at which the series was not back, and what is frozen there."""

    seen: int
    """Ticks until what lasts was normal."""

    def __init__(self, row: Sequence[float], seasonal: bool, rule: Rule) -> None:
        self.__dict__.update(zip(ROWS, row, strict=True))
        self.on = bool(self.on)
        self._rule, self._seasonal = rule, seasonal
        self.outside = False

    def through(self, times: Times, ticks: Block) -> "_Follower":
        """Follow the series until what lasts is normal; of `ticks`, (what is known, time)."""
        opening = np.flatnonzero(ticks[0])
        end = len(times)
        self.was_on, self.began = (np.zeros(end, np.bool_) for _ in range(2))
        self.was_strange = np.empty(end)
        self.stood = []
        place = 0
        while place < end:
            if not self.on:
                after = opening.searchsorted(place)
                calm = (int(opening[after]) if after < len(opening) else end) - place
                self.was_strange[place : place + calm] = self.strange + np.arange(1.0, calm + 1)
                self.rest(calm)
                place += calm
                if place == end:
                    break
            tick = _Tick(times[place].item(), *ticks[:, place].tolist())
            if place and self.is_lasting(tick.now):
                break
            self.began[place], self.was_on[place] = self.see(tick), self.on
            if self.outside:
                self.stood.append((place, self.frozen(tick)))
            self.was_strange[place] = self.strange
            place += 1
        self.seen = place
        return self

    def is_lasting(self, now: float) -> bool:
        """Whether the incident has lasted for so long that it is normal."""
        rule = self._rule
        enough = self.ticks >= rule.shift_ticks and now >= self.since + rule.shift_seconds
        return self.on and enough and math.isinf(self.calm_since)

    def rest(self, ticks: int) -> None:
        """Let some ticks pass."""
        self.away += ticks
        self.strange += ticks
        self.rested += ticks
        self.outside = False

    def see(self, tick: _Tick) -> bool:
        """One more tick; whether an incident begins with it."""
        self.rest(1)
        if self.on:
            return self._follow(tick)
        if not tick.opens or self._is_trace(tick):
            return False
        self._freeze(tick)
        self.former = 0.0
        self._begin(tick)
        return True

    def _follow(self, tick: _Tick) -> bool:
        """One more tick of an incident; whether another begins with it."""
        deviation = tick.value - self._usual(tick)
        self.outside = tick.present > 0 and self._is_outside(tick.value, deviation)
        if self.outside:
            self._stay_away()
        self._go_on(tick)
        begins = self.on and tick.opens > 0 and self.outside and self._is_other(deviation, tick)
        if begins:
            self.former = self.farthest
            self._begin(tick)
        elif self.outside and abs(deviation) > abs(self.farthest):
            self.farthest = deviation
        return begins

    def frozen(self, tick: _Tick) -> tuple[float, float, float]:
        """What was expected before the incident, its reach, and the score of standing apart."""
        usual = self._usual(tick)
        return usual, self.reach, min(abs(tick.value - usual) / self.reach, HIGHEST)

    def _freeze(self, tick: _Tick) -> None:
        """Keep what was expected; the last few values where only they say that this is odd."""
        self.expected, self.reach = tick.expected, tick.reach
        self.local, self.local_reach = tick.local, tick.local_reach
        usual = abs(tick.value - tick.expected) <= tick.reach
        if usual and not self._seasonal and abs(tick.value - tick.local) > tick.local_reach:
            self.expected, self.reach = tick.local, tick.local_reach

    def _usual(self, tick: _Tick) -> float:
        """What was expected before the incident, at the time of a tick."""
        follows = self._seasonal and not math.isnan(tick.expected)
        return tick.expected if follows else self.expected

    def _is_outside(self, value: float, deviation: float) -> bool:
        """Whether a value is not where it was expected before the incident."""
        if self._rule.side * deviation < 0 or abs(value - self.local) <= self.local_reach:
            return False
        return abs(deviation) > max(self.reach, BACK * abs(self.farthest))

    def _is_trace(self, tick: _Tick) -> bool:
        """Whether what is seen is what an incident left behind."""
        if self.away > LONG_TRACE or self._is_outside(tick.value, tick.value - self._usual(tick)):
            return False
        still = abs(tick.value - tick.local) <= tick.local_reach
        return self.away <= TRACE or still or not tick.sudden

    def _go_on(self, tick: _Tick) -> None:
        """Count for how long the series is back, or silent; that may end the incident."""
        self.ticks += 1
        if tick.present:
            calm = not self.outside and (not tick.hot or self.away <= LONG_TRACE)
            if not calm:
                self.calm_since, self.calm_ticks, self.heard = math.inf, 0, tick.now
            elif math.isinf(self.calm_since):
                self.calm_since, self.calm_ticks = tick.now, 0
        rule = self._rule
        if math.isinf(self.calm_since):
            self.calm_ticks += not tick.present
            passed, enough = tick.now - self.heard, SILENCE
        else:
            self.calm_ticks += 1
            passed, enough = tick.now - self.calm_since + rule.step, rule.recovery_seconds
        # Half a step, for clocks are not exact.
        if self.calm_ticks >= rule.recovery_ticks and passed >= enough - rule.step / 2:
            self.on = False

    def _is_other(self, deviation: float, tick: _Tick) -> bool:
        """Whether what comes while an incident is on is clearly something else."""
        if not tick.certain or self.ticks < self._rule.recovery_ticks:
            return False
        if deviation * self.former > 0 and abs(deviation) <= OTHER * abs(self.former):
            return False  # back to what went on before
        return deviation * self.farthest < 0 or abs(deviation) > OTHER * abs(self.farthest)

    def _begin(self, tick: _Tick) -> None:
        self.on, self.since, self.ticks, self.heard = True, tick.now, 0, tick.now
        self.calm_since, self.calm_ticks = math.inf, 0
        self.farthest = tick.value - self._usual(tick)
        self.often = 1 + self.often * 0.5 ** (self.rested / FORGOTTEN)
        self.rested = 0
        if self._is_outside(tick.value, self.farthest):
            self._stay_away()

    def _stay_away(self) -> None:
        self.away = 0
        if self.often <= FEW and self.ticks < BRIEF:
            self.strange = 0


@dataclass(frozen=True)
class Followed:
    """What comes of some ticks."""

    ticks: int
    """So many; with the next one something becomes normal. To be taken only when they are all."""

    series: Places
    busy: Places
    """Those among them that really have."""

    followers: Sequence[_Follower]
    """Of these."""

    recent: Flags
    """(time, series): which of the last few ticks were hot."""
