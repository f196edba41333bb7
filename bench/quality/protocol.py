"""How a method is graded on a group of series: the same way for every method and every series.

A method has one configuration for everything and sees of each point only what lies before it. What
it says is graded by its ranking (VUS-PR, which no threshold enters) and by its alerts: those it
gives by itself, or those of the one threshold that, in hindsight, suits the group best.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.quality import nab
from bench.quality.affiliation import affiliation_f1
from bench.quality.events import Events, count
from bench.quality.series import Labelled
from bench.quality.spans import merged, runs
from bench.quality.vus import buffer_lag, vus_pr

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

HOLD = 0.98
"""Share of a held score that is left at the next point."""

QUIET = 5
"""Alerts of one method that are so few points apart are one."""

TOLERANCE = 3
"""Points by which an alert may miss an anomaly: labels are not exact to the point."""

DEBOUNCE_SHARE = 0.02
"""Share of a series within which only a score higher than those before it alerts, where a method
that gives no alerts by itself is given this to its advantage."""

CANDIDATES = 1 - np.logspace(-0.3, -5, 60)
"""Quantiles of a group's scores that are tried as thresholds, in hindsight."""


@dataclass(frozen=True)
class Judged:
    """What a method said of one series."""

    score: Vector
    """How anomalous each point is; NaN where there is no value."""

    held: Vector
    """The same with peak hold, or what the method makes of it by itself."""

    alerting: Mask | None
    """Where an alert is open; None for a method that gives scores only."""

    once: bool = False
    """Whether an open alert is one alert; otherwise every point of it is, as the Numenta benchmark
    takes scores that reach their threshold."""


@dataclass(frozen=True)
class Figures:
    """What a method got on a group."""

    series: int
    """Series that it was graded on."""

    points: int
    """Points of all of them."""

    vus_pr: float
    """Mean over the series with anomalies."""

    vus_pr_held: float
    """The same of the held score."""

    nab: dict[str, float]
    """Normalised Numenta score by profile, at the threshold that suits the group best."""

    nab_shipped: dict[str, float] | None
    """The same of the method's own alerts; None when it gives none."""

    events: Events
    """Alerts and anomalies, counted."""

    affiliation_f1: float
    """Mean over the series with anomalies."""


def hold(score: Vector, share: float = HOLD) -> Vector:
    """Let a score fall no faster than to this share of itself per point."""
    slope = -np.log(share) * np.arange(len(score))
    with np.errstate(divide="ignore"):
        level = np.log(np.maximum(np.nan_to_num(score), 0.0)) + slope
    held: Vector = np.exp(np.maximum.accumulate(level) - slope)
    return held


def grade(group: Sequence[Labelled], judged: Sequence[Judged]) -> Figures:
    """Grade what a method said of every series of a group."""
    alerting = _alerts(group, judged)
    labelled = [index for index, series in enumerate(group) if series.labels.any()]
    lags = {index: buffer_lag(group[index].values) for index in labelled}
    events = _events(group, alerting)
    return Figures(
        series=len(group),
        points=sum(map(len, group)),
        vus_pr=_mean(vus_pr(judged[i].score, group[i].labels, lags[i]) for i in labelled),
        vus_pr_held=_mean(vus_pr(judged[i].held, group[i].labels, lags[i]) for i in labelled),
        nab=_optimised(group, judged),
        nab_shipped=_shipped(group, judged),
        events=events,
        affiliation_f1=_mean(affiliation_f1(alerting[i], group[i].labels) for i in labelled),
    )


def joined(alerting: Mask) -> Mask:
    """Make one alert of those that are hardly apart."""
    mask = np.zeros(len(alerting), dtype=bool)
    for first, last in merged(runs(alerting), QUIET):
        mask[first : last + 1] = True
    return mask


def debounced(score: Vector) -> Vector:
    """Keep a score only where it is higher than those shortly before it; 0 elsewhere."""
    width = max(int(DEBOUNCE_SHARE * len(score)), 1)
    known = np.where(np.isnan(score), -np.inf, score)
    padded = np.concatenate((np.full(width, -np.inf), known[:-1]))
    before = np.lib.stride_tricks.sliding_window_view(padded, width).max(axis=1)
    return np.where(known > before[: len(score)], score, 0.0)


def _alerts(group: Sequence[Labelled], judged: Sequence[Judged]) -> list[Mask]:
    """The alerts of the method itself, or those of the best threshold in hindsight."""
    own = [each.alerting for each in judged if each.alerting is not None]
    if len(own) == len(judged):
        return [joined(mask) for mask in own]
    scores = [each.score for each in judged]
    known = np.concatenate([score[~np.isnan(score)] for score in scores])
    thresholds = np.unique(np.quantile(known, CANDIDATES))
    options = [[joined(score >= at) for score in scores] for at in thresholds]
    return max(options, key=lambda masks: np.nan_to_num(_events(group, masks).f1))


def _events(group: Sequence[Labelled], alerting: Sequence[Mask]) -> Events:
    counted = (
        count(mask, series.labels, series.timestamps, tolerance=TOLERANCE)
        for series, mask in zip(group, alerting, strict=True)
    )
    return sum(counted, Events())


def _optimised(group: Sequence[Labelled], judged: Sequence[Judged]) -> dict[str, float]:
    """Grade at the best threshold; what does not alert once by itself, the better of two ways."""
    ways = [[_onsets(each) for each in judged]]
    if not all(each.once for each in judged):
        scores = [each.score for each in judged]
        ways = [scores, [debounced(score) for score in scores]]
    corpora = [_corpus(group, way) for way in ways]
    return {
        profile.name: max(nab.optimised(corpus, profile).normalised for corpus in corpora)
        for profile in nab.PROFILES
    }


def _shipped(group: Sequence[Labelled], judged: Sequence[Judged]) -> dict[str, float] | None:
    """Grade the method's own alerts: where they begin, or every point of them."""
    masks = [each.alerting for each in judged if each.alerting is not None]
    if len(masks) < len(judged):
        return None
    alerts = [
        nab.at_onsets(mask, mask) if each.once else mask.astype(np.float64)
        for each, mask in zip(judged, masks, strict=True)
    ]
    corpus = _corpus(group, alerts)
    return {
        profile.name: nab.at_threshold(corpus, profile, 1.0).normalised for profile in nab.PROFILES
    }


def _onsets(judged: Judged) -> Vector:
    none = np.zeros(len(judged.score), dtype=bool)
    return nab.at_onsets(judged.score, none if judged.alerting is None else judged.alerting)


def _corpus(group: Sequence[Labelled], scores: Sequence[Vector]) -> list[nab.Graded]:
    return [
        nab.Graded(score, nab.windows_of(series.labels))
        for series, score in zip(group, scores, strict=True)
    ]


def _mean(figures: Iterable[float]) -> float:
    known = list(figures)
    return float(np.mean(known)) if known else float("nan")
