"""Incidents: what of a series is told as one, followed through blocks of points as they come.

An incident is a run of points at which the detector alerts and of which at least one matters. A
point that could not be judged neither goes on nor ends it, unless the detector has ended it by the
clock. Points that come in several blocks are the same as all at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from anomaly.detector import THRESHOLD
from anomaly.detector.arrays import Matrix
from anomaly.incidents.alert import Direction

Flags = NDArray[np.bool_]

NEVER = float("inf")


@dataclass(frozen=True)
class Judged:
    """What the detector said of a block of points, in the signal's own unit; (series, time)."""

    timestamps: NDArray[np.float64]
    values: Matrix
    """What was read; NaN where nothing is."""

    score: Matrix
    """How anomalous; NaN where there was nothing to judge."""

    alerting: Flags
    matters: Flags
    """Whether the point is an anomaly that is worth telling: on the side that counts, and by so
    much, at such a size, that it makes a difference."""

    expected: Matrix
    lower: Matrix
    upper: Matrix

    views: Mapping[str, Matrix]
    another: Flags | None = None
    """Whether another incident begins there than the one that was open; None where none does."""

    known: Flags | None = None
    """Whether it was judged, or is over by the clock; None where it is known by its score alone."""


Probability = Callable[[int, int, float], float]
"""How likely a score was for a series before: of its row, the place of the point, and the score."""


@dataclass(frozen=True)
class Peak:
    """The worst point of an incident."""

    value: float
    """What it was; NaN where the series is gone."""

    expected: float
    lower: float
    upper: float
    score: float
    direction: Direction

    views: tuple[str, ...]
    """Views that spoke, the strongest first."""


@dataclass(frozen=True)
class Incident:
    """One incident of one series, as far as it is known."""

    since: float
    """Epoch seconds of the first point that matters."""

    last: float
    points: int
    peak: Peak
    before: int
    """Earlier incidents of the series in the history that is remembered."""

    newest: tuple[float, ...]
    """Epoch seconds of its last few points."""

    probability: float
    """How likely the first point was for this series; NEVER where it must not be told for that."""

    prominent: float = NEVER
    """Epoch seconds from which on it is to be told for its size."""

    persistent: float = NEVER
    """Epoch seconds from which on it is to be told for its length."""

    until: float | None = None
    """Epoch seconds at which it was over; None while it is open."""

    def due(self, rarest: Mapping[float, float]) -> float:
        """Epoch seconds from which on it is told, given how rare it must be; NEVER if not yet."""
        rare = self.probability <= rarest.get(self.since, -1.0)
        return min(self.prominent, self.persistent, self.since if rare else NEVER)


@dataclass(frozen=True)
class Rules:
    """What makes an incident one to be told."""

    prominent_score: float

    persistent_points: int
    """So many points tell an incident ..."""

    persistent_seconds: float
    """... that lie within so much time, from the first of them to the last."""

    remembered_seconds: float
    """How long an incident counts as an earlier one."""


@dataclass(frozen=True)
class Chronicle:
    """The incidents of some series, by their row."""

    open: Mapping[int, Incident] = field(default_factory=dict)
    """Those that are not over."""

    starts: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    """When those that are remembered began, open ones included."""


def follow(
    chronicle: Chronicle,
    judged: Judged,
    suppressed: Flags,
    probability: Probability,
    rules: Rules,
) -> tuple[Chronicle, list[tuple[int, Incident]]]:
    """What a block of points adds.

    Args:
        chronicle: up to the block.
        judged: the block.
        suppressed: points at which nothing is told, (series, time).
        probability: how likely scores of the block were.
        rules: when an incident is told.

    Returns:
        The chronicle with the block, and the incidents that were over in it, with their rows.
    """
    opened, starts = dict(chronicle.open), dict(chronicle.starts)
    ended: list[tuple[int, Incident]] = []
    rows = np.flatnonzero(judged.matters.any(axis=1)).tolist()
    for row in sorted({*rows, *opened}):
        story = _Row(judged, row, suppressed[row], probability, rules, starts.get(row, ()))
        last, over = story.told_on(opened.pop(row, None))
        ended += [(row, incident) for incident in over]
        starts[row] = story.starts
        if last:
            opened[row] = last
    return Chronicle(opened, {row: times for row, times in starts.items() if times}), ended


def closed(
    chronicle: Chronicle, gone: NDArray[np.bool_], ends: NDArray[np.float64]
) -> tuple[Chronicle, list[tuple[int, Incident]]]:
    """End what is open of series that are gone, each at its own moment; both (series,)."""
    still = {row: incident for row, incident in chronicle.open.items() if not gone[row]}
    over = [
        (row, replace(chronicle.open[row], until=float(ends[row])))
        for row in sorted(chronicle.open.keys() - still.keys())
    ]
    return Chronicle(still, chronicle.starts), over


@dataclass
class _Row:
    """One series in one block."""

    judged: Judged
    row: int
    quiet: NDArray[np.bool_]
    probability: Probability
    rules: Rules
    starts: tuple[float, ...]

    def told_on(self, incident: Incident | None) -> tuple[Incident | None, list[Incident]]:
        """Go on with what is open; what is open at the end, and what was over in between."""
        judged, row = self.judged, self.row
        says = np.isfinite(judged.score[row]) if judged.known is None else judged.known[row]
        known = np.flatnonzero(says)
        on = judged.alerting[row, known]
        another = np.zeros_like(on) if judged.another is None else judged.another[row, known]
        off = ~on | another
        over: list[Incident] = []
        if incident and len(known) and off[0]:
            over.append(self._over(incident, known[0]))
            incident = None
        before = np.concatenate([[False], on[:-1]])
        begins = np.flatnonzero(on & (~before | another))
        ends = np.append(np.flatnonzero(before & off), len(known))
        for begin, end in zip(begins, ends, strict=False):
            points = known[begin:end]
            matter = points[judged.matters[row, points]]
            if len(matter):
                incident = self._grown(incident or self._new(int(matter[0])), matter)
            if incident and end < len(known):
                over.append(self._over(incident, known[end]))
                incident = None
        return incident, over

    def _over(self, incident: Incident, place: np.intp) -> Incident:
        return replace(incident, until=float(self.judged.timestamps[place]))

    def _new(self, place: int) -> Incident:
        """An incident without any points yet."""
        since = float(self.judged.timestamps[place])
        horizon = since - self.rules.remembered_seconds
        earlier = tuple(start for start in self.starts if start >= horizon)
        self.starts = (*earlier, since)
        peak = self._peak(place)
        return Incident(
            since=since,
            last=since,
            points=0,
            peak=peak,
            before=len(earlier),
            newest=(),
            probability=NEVER
            if self.quiet[place]
            else self.probability(self.row, place, peak.score),
        )

    def _grown(self, incident: Incident, matter: NDArray[np.intp]) -> Incident:
        judged, row, rules = self.judged, self.row, self.rules
        scores = judged.score[row, matter]
        times = judged.timestamps[matter]
        heard = ~self.quiet[matter]
        both = np.concatenate([incident.newest, times])
        lasting = _dense(both, rules)[len(incident.newest) :]
        worst = int(np.argmax(scores))
        large = _first(times, heard & (scores >= rules.prominent_score))
        return replace(
            incident,
            last=float(times[-1]),
            points=incident.points + len(matter),
            peak=max(incident.peak, self._peak(int(matter[worst])), key=lambda peak: peak.score),
            newest=tuple(both[-rules.persistent_points :].tolist()),
            prominent=min(incident.prominent, large),
            persistent=min(incident.persistent, _first(times, heard & lasting)),
        )

    def _peak(self, place: int) -> Peak:
        judged, row = self.judged, self.row
        value, expected = float(judged.values[row, place]), float(judged.expected[row, place])
        spoke = {name: float(scores[row, place]) for name, scores in judged.views.items()}
        ranked = sorted(spoke, key=lambda name: (-spoke[name], name))
        return Peak(
            value=value,
            expected=expected,
            lower=float(judged.lower[row, place]),
            upper=float(judged.upper[row, place]),
            score=float(judged.score[row, place]),
            direction="absent" if np.isnan(value) else "above" if value > expected else "below",
            views=tuple(name for name in ranked if spoke[name] > THRESHOLD) or tuple(ranked[:1]),
        )


def _dense(times: NDArray[np.float64], rules: Rules) -> NDArray[np.bool_]:
    """Which points are the last of enough that lie close together."""
    before = rules.persistent_points - 1
    dense = np.zeros(len(times), np.bool_)
    span = times[before:] - times[: max(len(times) - before, 0)]
    dense[before:] = span <= rules.persistent_seconds
    return dense


def _first(times: NDArray[np.float64], flags: NDArray[np.bool_]) -> float:
    return float(times[np.argmax(flags)]) if flags.any() else NEVER
