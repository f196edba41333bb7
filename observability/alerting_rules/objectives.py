"""What services promise, how much of it they have spent, and how fast they spend it.

Every service has two objectives: a share of requests that do not fail, and 95 of 100 answers within
its latency. An error is a failed request, or a slow one. All is measured where callers are, after
retries, so that a service which cannot be reached is not a service without errors.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from observability.alerting_rules.model import SERVICE, SERVICE_LABELS, Alert, Group, Recording
from observability.promql.expressions import SERVICE as BY_SERVICE
from observability.promql.expressions import is_, like, rate, select, total
from observability.promql.mesh import SENT, failures, requests
from settings.catalogue import Service
from vocabulary import metrics as m
from vocabulary import recorded as r
from vocabulary.boards import MESH

AVAILABILITY, LATENCY = "availability", "latency"
SLOW_SHARE = 0.05
"""What a 95th percentile leaves: one in twenty may be slower."""

BUCKETS = (
    *(0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000),
    *(300_000, 600_000, 1_800_000, 3_600_000),
)
"""Upper bounds of Istio's duration histogram, in milliseconds."""

LEAST_ERRORS = 5
"""Fewer errors than this in the long window are told by no burn-rate alert: with little traffic
one of them is already a large share."""

FAST = (("1h", "5m", 14.4), ("6h", "30m", 6))
SLOW = (("1d", "2h", 3), ("3d", "6h", 1))
"""Long window, short window, and how many times faster than allowed the budget is spent: 2 % of
30 days' budget in an hour, 5 % in six; 10 % in one day or in three."""

_SAMPLED = {"6h": "6h:5m", "1d": "1d:5m", "3d": "3d:5m"}
"""Long windows take one rate in five minutes, which covers all traffic exactly once."""

_HOURS = {"1h": 1, "6h": 6, "1d": 24, "3d": 72}


def objectives(services: Sequence[Service]) -> tuple[Group, ...]:
    """Groups in the order in which they build on one another."""
    return (
        Group("slo-events", (*_promised(services), *_counted(services))),
        Group("slo-shares", tuple(_burned(("5m", "30m", "1h", "2h")))),
        Group("slo-long-shares", tuple(_burned(tuple(_SAMPLED))), interval="2m"),
        Group("slo-budget", (_left(),), interval="5m"),
        Group("slo", _ALERTS),
    )


def of(service: Service) -> dict[str, str]:
    """Labels by which Istio knows a service."""
    return dict(zip(BY_SERVICE, (service.namespace, service.name), strict=True))


def milliseconds(service: Service) -> float:
    """The latency objective."""
    return service.slo.latency_p95.total_seconds() * 1000


def unavailable_share(service: Service) -> float:
    """Share of requests that may fail."""
    return round(1 - service.slo.availability_percent / 100, 10)


def slow(objective: float, window: str, *matchers: str) -> str:
    """Requests a second that were slower than an objective.

    Between two bounds of the histogram the requests are taken as evenly spread, as
    `histogram_quantile` does, so that both agree on whether the objective is met.
    """
    upper = next(bound for bound in BUCKETS if bound >= objective)
    lower = max(bound for bound in BUCKETS if bound < objective)
    reached = (objective - lower) / (upper - lower)
    within = _within(upper, window, *matchers)
    if reached < 1:
        below = _within(lower, window, *matchers)
        within = f"({reached:.6g} * {within} + {1 - reached:.6g} * {below})"
    return f"clamp_min({answered(window, *matchers)} - {within}, 0)"


def slow_share(objective: float, window: str, *matchers: str) -> str:
    """Share of requests that were slower than an objective."""
    return f"{slow(objective, window, *matchers)} / {answered(window, *matchers)}"


def answered(window: str, *matchers: str) -> str:
    """Requests a second whose duration is known."""
    return total(rate(select(m.REQUEST_COUNT, *matchers), window), *BY_SERVICE)


def burns(windows: Sequence[tuple[str, str, float]]) -> str:
    """Objectives whose budget goes faster than a pair of windows allows; the value is how fast."""
    return " or ".join(
        f"({_speed(long)} > {factor:g} and {_speed(short)} > {factor:g}"
        f" and {_errors_in(long)} >= {LEAST_ERRORS})"
        for long, short, factor in windows
    )


def _within(bound: float, window: str, *matchers: str) -> str:
    # Prometheus 3 writes whole bounds with a decimal; before, they are as Envoy writes them.
    whole = bound == int(bound)
    pattern = f"{bound:.0f}(\\\\.0)?" if whole else f"{bound:g}".replace(".", "\\\\.")
    chosen = select(m.REQUEST_BUCKETS, *matchers, like("le", pattern))
    return total(rate(chosen, window), *BY_SERVICE)


def _promised(services: Sequence[Service]) -> Iterator[Recording]:
    for service in services:
        availability, latency = ({**of(service), "slo": slo} for slo in (AVAILABILITY, LATENCY))
        yield Recording(r.BUDGET, f"vector({unavailable_share(service):.10g})", availability)
        yield Recording(r.BUDGET, f"vector({SLOW_SHARE:g})", latency)
        objective = f"vector({milliseconds(service):g})"
        yield Recording(r.LATENCY_OBJECTIVE, objective, of(service))


def _counted(services: Sequence[Service]) -> Iterator[Recording]:
    by_namespace = _grouped(services, by_latency=False)
    sent = [matchers(members) for members in by_namespace.values()]
    yield _one_of(r.EVENTS, AVAILABILITY, (requests("5m", *chosen) for chosen in sent))
    yield _one_of(r.ERRORS, AVAILABILITY, (failures("5m", *chosen) for chosen in sent))
    yield _one_of(r.EVENTS, LATENCY, (answered("5m", *chosen) for chosen in sent))
    late = (
        slow(objective, "5m", *matchers(members))
        for (_, objective), members in _grouped(services, by_latency=True).items()
    )
    yield _one_of(r.ERRORS, LATENCY, late)


def _one_of(record: str, slo: str, expressions: Iterable[str]) -> Recording:
    """Each service is in one of the expressions."""
    return Recording(record, " or ".join(expressions), {"slo": slo})


def matchers(services: Sequence[Service]) -> tuple[str, str, str]:
    """Match the requests that callers sent to services of one namespace."""
    names = "|".join(sorted(service.name for service in services))
    return SENT, is_(BY_SERVICE[0], services[0].namespace), like(BY_SERVICE[1], names)


def _grouped(
    services: Sequence[Service], *, by_latency: bool
) -> Mapping[tuple[str, float], Sequence[Service]]:
    groups: dict[tuple[str, float], list[Service]] = {}
    for service in services:
        objective = milliseconds(service) if by_latency else 0.0
        groups.setdefault((service.namespace, objective), []).append(service)
    return groups


def _burned(windows: Sequence[str]) -> Iterator[Recording]:
    for window in windows:
        if window == "5m":
            expr = f"{r.ERRORS} / {r.EVENTS}"
        else:
            span = _SAMPLED.get(window, window)
            expr = f"sum_over_time({r.ERRORS}[{span}]) / sum_over_time({r.EVENTS}[{span}])"
        yield Recording(r.error_share(window), expr)


def _left() -> Recording:
    spent = f"sum_over_time({r.ERRORS}[30d:5m]) / sum_over_time({r.EVENTS}[30d:5m])"
    return Recording(r.BUDGET_LEFT, f"1 - ({spent}) / {r.BUDGET}")


def _speed(window: str) -> str:
    return f"{r.error_share(window)} / {r.BUDGET}"


def _errors_in(window: str) -> str:
    seconds = _HOURS[window] * 3600
    return f"{seconds} * avg_over_time({r.ERRORS}[{_SAMPLED.get(window, window)}])"


_PROMISE = "the {{ $labels.slo }} objective of " + SERVICE
_LABELS = {**SERVICE_LABELS, "slo": "{{ $labels.slo }}"}

_ALERTS = (
    Alert(
        "SloErrorBudgetBurnsFast",
        burns(FAST),
        "critical",
        MESH,
        f"{SERVICE} is breaking its {{{{ $labels.slo }}}} objective now",
        f"At this pace, {{{{ $value | humanize }}}} times what is allowed, the 30 days' budget of "
        f"{_PROMISE} is gone within days or hours.",
        hold="2m",
        labels=_LABELS,
    ),
    Alert(
        "SloErrorBudgetBurnsSlow",
        burns(SLOW),
        "warning",
        MESH,
        f"{SERVICE} spends its {{{{ $labels.slo }}}} budget faster than it may",
        f"Over the last days the budget of {_PROMISE} went {{{{ $value | humanize }}}} times as "
        "fast as is allowed.",
        hold="15m",
        labels=_LABELS,
    ),
    Alert(
        "SloErrorBudgetSpent",
        f"{r.BUDGET_LEFT} < 0",
        "warning",
        MESH,
        f"{SERVICE} has missed its {{{{ $labels.slo }}}} objective for the last 30 days",
        f"What is left of the budget of {_PROMISE}: {{{{ $value | humanizePercentage }}}}. Ship "
        "what makes it better, and hold risky changes and experiments.",
        hold="30m",
        labels=_LABELS,
    ),
)
