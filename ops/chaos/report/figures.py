"""The service's figures over the time of a run, and what follows from them. Pure but for reading.

Measured where callers are, after all retries, as the objectives are. Rates look two minutes back,
so a fault shows until two minutes after it is over, and a recovery is told two minutes late at
most.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from statistics import fmean

from ops.chaos.report.document import Indicator, Objectives, Recovery, Run
from ops.prometheus import Prometheus, of_service
from vocabulary import metrics as m
from vocabulary import recorded

AROUND = timedelta(minutes=10)
"""What counts as before and after."""

MEMORY = timedelta(minutes=2)
"""How far back a rate looks."""

GOOD_FOR = timedelta(minutes=2)
"""How long the figures must be good to count as recovered."""

LEAST_REQUESTS = 0.1
"""Requests per second below which nothing can be said of a service."""

SLACK_ERRORS = 0.01
SLACK_LATENCY = 1.25
"""Without an objective: one point more errors, or a quarter more time, than before is not good."""

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Figures:
    """Three series of one service; each may be empty."""

    requests: Points
    """Requests per second."""

    errors: Points
    """Share of them that failed."""

    latency: Points
    """95th percentile of the answer time, in milliseconds."""


@dataclass(frozen=True)
class Phases:
    """The spans of time around a run."""

    start: datetime
    """First fault."""

    end: datetime
    """Last fault undone."""

    @property
    def faded(self) -> datetime:
        """When rates have forgotten the fault."""
        return self.end + MEMORY

    @property
    def first(self) -> datetime:
        """Beginning of what is looked at."""
        return self.start - AROUND

    @property
    def last(self) -> datetime:
        """End of what is looked at."""
        return self.faded + AROUND


def read_figures(prometheus: Prometheus, run: Run, phases: Phases) -> Figures:
    """Ask for the figures of the run's service.

    Raises:
        SourceError: when Prometheus does not answer.
    """
    which = f'reporter="source", {of_service(run.service, run.service_namespace)}'
    window = f"[{int(MEMORY.total_seconds())}s]"
    total = f"sum(rate({m.REQUESTS}{{{which}}}{window}))"
    failed = f'sum(rate({m.REQUESTS}{{{which}, response_code=~"5.."}}{window}))'
    buckets = f"sum by (le) (rate({m.REQUEST_BUCKETS}{{{which}}}{window}))"
    queries = (
        total,
        f"({failed} or 0 * {total}) / ({total} > 0)",
        f"histogram_quantile(0.95, {buckets})",
    )
    answers = (prometheus.query_range(q, phases.first, phases.last) for q in queries)
    return Figures(*(answer[0].points if answer else () for answer in answers))


def read_objectives(prometheus: Prometheus, run: Run) -> Objectives:
    """What the service promises, by the platform's own recording rules.

    Raises:
        SourceError: when Prometheus does not answer.
    """
    which = of_service(run.service, run.service_namespace)
    budget = prometheus.query(f'max({recorded.BUDGET}{{slo="availability", {which}}})')
    latency = prometheus.query(f"max({recorded.LATENCY_OBJECTIVE}{{{which}}})")
    return Objectives(
        error_share=budget[0][1] if budget else None,
        p95_milliseconds=latency[0][1] if latency else None,
        source="the platform's recording rules" if budget or latency else "nobody",
    )


def indicators(figures: Figures, phases: Phases, objectives: Objectives) -> Iterator[Indicator]:
    """The figures before, during and after."""
    for name, unit, points, objective in (
        ("requests", "requests/s", figures.requests, None),
        ("errors", "share", figures.errors, objectives.error_share),
        ("latency_p95", "ms", figures.latency, objectives.p95_milliseconds),
    ):
        during = mean(points, phases.start, phases.faded)
        yield Indicator(
            name=name,
            unit=unit,
            before=mean(points, phases.first, phases.start),
            during=during,
            after=mean(points, phases.faded, phases.last),
            objective=objective,
            within=None if objective is None or during is None else during <= objective,
        )


def recovery(figures: Figures, phases: Phases, objectives: Objectives) -> Recovery:
    """How long the service needed after the fault."""
    limits, basis = _limits(figures, phases, objectives)
    if not limits:
        return Recovery(seconds=None, basis="nothing to compare with: no data before the fault")
    end = phases.end.timestamp()
    good_since: float | None = None
    for moment in sorted({each for points, _ in limits for each in points if each >= end}):
        if not all(points.get(moment, inf) <= limit for points, limit in limits):
            good_since = None
            continue
        good_since = moment if good_since is None else good_since
        if moment - good_since >= GOOD_FOR.total_seconds():
            return Recovery(seconds=round(good_since - end, 1), basis=basis)
    return Recovery(seconds=None, basis=basis)


def had_impact(found: Sequence[Indicator]) -> bool | None:
    """Whether the fault shows in the figures at all; None when that cannot be told."""
    told = [
        _differs(each.name, each.before, each.during)
        for each in found
        if each.before is not None and each.during is not None
    ]
    return any(told) if told else None


def mean(points: Iterable[tuple[float, float]], start: datetime, end: datetime) -> float | None:
    """Mean of what lies in a span, end excluded."""
    first, last = start.timestamp(), end.timestamp()
    inside = [value for moment, value in points if first <= moment < last]
    return fmean(inside) if inside else None


def _differs(name: str, before: float, during: float) -> bool:
    if name == "errors":
        return during > before + SLACK_ERRORS
    if name == "latency_p95":
        return during > before * SLACK_LATENCY
    return during < before / SLACK_LATENCY


def _limits(
    figures: Figures, phases: Phases, objectives: Objectives
) -> tuple[list[tuple[dict[float, float], float]], str]:
    """Each series by its moments, and what it must not exceed; and what that is based on."""
    limits, basis = [objectives.error_share, objectives.p95_milliseconds], "objectives met"
    if limits == [None, None]:
        errors = mean(figures.errors, phases.first, phases.start)
        latency = mean(figures.latency, phases.first, phases.start)
        limits = [
            None if errors is None else errors + SLACK_ERRORS,
            None if latency is None else latency * SLACK_LATENCY,
        ]
        basis = "close to the ten minutes before"
    pairs = zip((figures.errors, figures.latency), limits, strict=True)
    return [(dict(points), limit) for points, limit in pairs if limit is not None], basis
