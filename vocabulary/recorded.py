"""Series that our own rules record, named `level:metric:operations`.

A service goes by the labels under which Istio counts its requests. All but the window's state are
per service of the catalogue.
"""

from collections.abc import Mapping

# Objectives. `slo` is `availability` or `latency`; an event is a request.
EVENTS = "service:slo_events:rate5m"
ERRORS = "service:slo_errors:rate5m"
"""Failed requests, or slow ones: those that count against the objective."""
BUDGET = "service:slo_error_budget:ratio"
"""Share of events that may be errors."""
LATENCY_OBJECTIVE = "service:slo_latency_p95_objective:milliseconds"
BUDGET_LEFT = "service:slo_error_budget_remaining:ratio30d"
"""1 is untouched, 0 spent, below 0 overspent."""

BURN_WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


def error_share(window: str) -> str:
    """Share of events that were errors, over a window."""
    return f"service:slo_errors_per_event:ratio{window}"


# Experiments, for services that one of the stack's experiments hits
MISSED = "service:slo_missed:rate2m"
"""1 while an objective is missed, over two minutes."""
CHAOS_ACTIVE = "service:chaos_experiment:active"
"""1 while an experiment of a kind that hits the service is in its namespace."""
CHAOS_SETTLING = "service:chaos_experiment:settling"
"""1 while one is active, and for ten minutes more."""
CHAOS_MISSED = "service:chaos_slo_missed:settling"
"""1 while an objective is missed in that time; absent outside of it."""
CHAOS_RECOVERING = "service:chaos_slo_missed:recovering"
"""1 while an objective is still missed after an experiment."""
CHAOS_WINDOW = "platform:chaos_window:open"
"""1 while experiments may run."""
MINUTE_OF_WEEK = "platform:minute_of_week:utc"
"""Since Sunday 00:00 UTC."""

_SERVICE = ("destination_service_namespace", "destination_service_name")
_OBJECTIVE = (*_SERVICE, "slo")

LABELS: Mapping[str, tuple[str, ...]] = {
    EVENTS: _OBJECTIVE,
    ERRORS: _OBJECTIVE,
    BUDGET: _OBJECTIVE,
    LATENCY_OBJECTIVE: _SERVICE,
    BUDGET_LEFT: _OBJECTIVE,
    **{error_share(window): _OBJECTIVE for window in BURN_WINDOWS},
    MISSED: _SERVICE,
    CHAOS_ACTIVE: _SERVICE,
    CHAOS_SETTLING: _SERVICE,
    CHAOS_MISSED: _SERVICE,
    CHAOS_RECOVERING: _SERVICE,
    CHAOS_WINDOW: (),
    MINUTE_OF_WEEK: (),
}
"""Labels of each."""
