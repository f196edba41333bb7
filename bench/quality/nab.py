"""The scoring rules of the Numenta benchmark (NAB 1.1).

Every anomaly has a window; the earliest alert in it counts most, every further one nothing, and
every alert outside costs, the more so the farther it is behind a window. A threshold holds for all
series of a corpus, and the score is normalised so that silence is 0 and perfection 100.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bench.quality.spans import Spans, merged, runs

Vector = NDArray[np.float64]

PROBATION_SHARE = 0.15
PROBATION_LIMIT = 750
"""Points at the beginning that are not scored: this share of the series, but at most so many."""

WINDOW_SHARE = 0.10
"""Share of a series that its windows cover together."""

FORGOTTEN = 3.0
"""Window lengths behind a window beyond which a false alert costs all it can."""


@dataclass(frozen=True)
class Profile:
    """What is worth how much."""

    name: str
    """As NAB calls it."""

    hit: float
    """A window hit at its very beginning."""

    missed: float
    """A window without an alert costs this."""

    false: float
    """A false alert costs at most this."""


PROFILES = (
    Profile("standard", 1.0, 1.0, 0.11),
    Profile("reward_low_FP", 1.0, 1.0, 0.22),
    Profile("reward_low_FN", 1.0, 2.0, 0.11),
)


@dataclass(frozen=True)
class Graded:
    """One series as it is graded."""

    score: Vector
    """How anomalous each point is; a point is an alert when it reaches the threshold. To grade
    alerts rather than points, everything but the alerts' first points is 0 here (`at_onsets`)."""

    windows: Spans
    """Where the anomalies are; disjoint."""


@dataclass(frozen=True)
class Score:
    """What a corpus got."""

    threshold: float
    """Points that reach it were alerts."""

    normalised: float
    """0 for silence, 100 for perfection; NaN for a corpus without windows."""

    hit: int
    """Windows with an alert."""

    windows: int
    """Windows there are."""

    false: int
    """Alerts outside of windows."""


def probation(points: int) -> int:
    """Return how many points of a series are not scored."""
    return min(int(PROBATION_SHARE * points), PROBATION_LIMIT)


def windows_of(labels: ArrayLike) -> Spans:
    """Build windows around labelled anomalies as NAB does around its labels.

    NAB's labels are instants. Of a labelled run that is its first point; what is left of the run
    beyond the window belongs to the window too, so that no alert on labelled points is false.
    Windows that overlap are joined, and those that begin in the probation do not count.
    """
    anomalies = runs(labels)
    points = len(np.asarray(labels))
    if not len(anomalies):
        return anomalies
    half = int(WINDOW_SHARE * points / len(anomalies)) // 2
    around = Spans(
        np.maximum(anomalies.first - half, 0),
        np.maximum(np.minimum(anomalies.first + half, points - 1), anomalies.last),
    )
    counted = around.first >= probation(points)
    return merged(Spans(around.first[counted], around.last[counted]))


def windows_between(timestamps: ArrayLike, limits: Sequence[tuple[float, float]]) -> Spans:
    """Find windows that are given by their first and last timestamps.

    Raises:
        ValueError: when a limit is no timestamp of the series.
    """
    times = np.asarray(timestamps)
    found = [[np.flatnonzero(times == limit) for limit in pair] for pair in limits]
    for pair, places in zip(limits, found, strict=True):
        if not all(len(each) for each in places):
            raise ValueError(f"window {pair} does not begin and end at timestamps of the series")
    first, last = ([places[end][0] for places in found] for end in (0, 1))
    return Spans(np.array(first, dtype=np.intp), np.array(last, dtype=np.intp))


def at_onsets(score: ArrayLike, alerting: ArrayLike) -> Vector:
    """Keep the score where an alert begins, and 0 everywhere else: one alert per incident."""
    opened = np.diff(np.asarray(alerting).astype(np.int8), prepend=0) == 1
    return np.where(opened, np.asarray(score, dtype=np.float64), 0.0)


def optimised(corpus: Sequence[Graded], profile: Profile) -> Score:
    """Return the score at the one threshold that suits the corpus best."""
    return max(_sweep(corpus, profile), key=lambda score: score.normalised)


def at_threshold(corpus: Sequence[Graded], profile: Profile, threshold: float) -> Score:
    """Return the score at a threshold that was fixed before."""
    return replace(_sweep(corpus, profile, least=threshold)[-1], threshold=threshold)


def _sweep(corpus: Sequence[Graded], profile: Profile, least: float = -np.inf) -> list[Score]:
    """Score the corpus at every threshold from silence down to the least."""
    score, worth, window = _points(corpus, profile, least)
    gain = np.where(window < 0, worth, 0.0)
    newly_hit = np.zeros(len(score), dtype=np.intp)
    for name in np.unique(window[window >= 0]):
        mine = np.flatnonzero(window == name)
        gain[mine] = np.diff(np.maximum.accumulate(worth[mine]), prepend=-profile.missed)
        newly_hit[mine[0]] = 1
    windows = sum(
        int(np.count_nonzero(each.windows.last >= probation(len(each.score)))) for each in corpus
    )
    scale = 100 / ((profile.hit + profile.missed) * windows) if windows else float("nan")
    ends = np.flatnonzero(np.append(score[1:] != score[:-1], True)[: len(score)])
    silence = Score(float("inf"), 0.0 * scale, 0, windows, 0)
    return [silence] + [
        Score(float(threshold), float(total * scale), int(hit), windows, int(false))
        for threshold, total, hit, false in zip(
            score[ends],
            np.cumsum(gain)[ends],
            np.cumsum(newly_hit)[ends],
            np.cumsum(window < 0)[ends],
            strict=True,
        )
    ]


def _points(
    corpus: Sequence[Graded], profile: Profile, least: float
) -> tuple[Vector, Vector, NDArray[np.intp]]:
    """Score, worth as an alert, and window (or -1) of what may alert, the highest score first."""
    scores, worths, windows = [], [], []
    before = 0
    for each in corpus:
        worth, window = _worth(len(each.score), each.windows, profile)
        eligible = each.score >= least
        eligible[: probation(len(each.score))] = False
        scores.append(each.score[eligible])
        worths.append(worth[eligible])
        windows.append(np.where(window < 0, -1, window + before)[eligible])
        before += len(each.windows)
    score = np.concatenate(scores)
    order = np.argsort(-score, kind="stable")
    return score[order], np.concatenate(worths)[order], np.concatenate(windows)[order]


def _worth(points: int, windows: Spans, profile: Profile) -> tuple[Vector, NDArray[np.intp]]:
    """What an alert at each point is worth, and the window that the point is in."""
    at = np.arange(points)
    worth = np.full(points, -profile.false)
    inside = np.full(points, -1, dtype=np.intp)
    for number, (first, last) in enumerate(windows):
        width = last - first + 1
        within = slice(first, last + 1)
        inside[within] = number
        worth[within] = profile.hit * _sigmoid(-(last - at[within] + 1) / width) / _sigmoid(-1.0)
        after = slice(last + 1, windows.first[number + 1] if number + 1 < len(windows) else points)
        behind = (at[after] - last) / max(width - 1, np.finfo(np.float64).tiny)
        worth[after] = profile.false * np.where(behind > FORGOTTEN, -1.0, _sigmoid(behind))
    return worth, inside


def _sigmoid(position: ArrayLike) -> Vector:
    """1 far before, 0 at, and -1 far behind the end of a window."""
    result: Vector = -np.tanh(2.5 * np.asarray(position))  # which is 2 / (1 + exp(5 x)) - 1
    return result
