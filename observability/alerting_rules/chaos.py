"""Experiments: which services they hit now, what that does to their objectives, what goes wrong.

Chaos Mesh counts experiments by namespace and kind, without a name. A service counts as hit while
an experiment of a kind that the stack's schedules use on it is in its namespace.
"""

from collections.abc import Iterator

from observability.alerting_rules.model import SERVICE, SERVICE_LABELS, Alert, Group, Recording
from observability.alerting_rules.objectives import (
    FAST,
    SLOW_SHARE,
    burns,
    matchers,
    milliseconds,
    of,
    slow_share,
    unavailable_share,
)
from observability.alerting_rules.window import MINUTE_OF_WEEK, is_open
from observability.promql.chaos import events, experiments, kinds_by_target
from observability.promql.expressions import ON_SERVICE, greatest, total
from observability.promql.mesh import error_share
from settings.catalogue import Service
from settings.monitored import Monitored
from vocabulary import recorded as r
from vocabulary.boards import CHAOS

SETTLE = "10m"
"""How long after an experiment what is seen may still be of its making."""

RECOVERY = "30m"
"""How long after an experiment a missed objective counts as not recovered from it."""

_BY_KIND = ("exported_namespace", "kind")
_NAMESPACE = {"namespace": "{{ $labels.exported_namespace }}"}


def chaos(stack: Monitored) -> tuple[Group, ...]:
    """Groups in the order in which they build on one another."""
    return (
        Group("chaos-state", tuple(_state(stack))),
        Group("chaos", tuple(_alerts(stack))),
    )


def _state(stack: Monitored) -> Iterator[Recording]:
    yield Recording(r.MINUTE_OF_WEEK, MINUTE_OF_WEEK)
    yield Recording(r.CHAOS_WINDOW, is_open(stack.chaos))
    services = {service.name: service for service in stack.services}
    for name, kinds in kinds_by_target(stack.chaos).items():
        service = services[name]
        running = total(experiments(service.namespace, kinds="|".join(kinds)))
        yield Recording(r.CHAOS_ACTIVE, f"clamp_max({running}, 1) or vector(0)", of(service))
        yield Recording(r.MISSED, _missed(service), of(service))
    yield Recording(r.CHAOS_SETTLING, f"max_over_time({r.CHAOS_ACTIVE}[{SETTLE}])")
    yield Recording(r.CHAOS_MISSED, f"{r.MISSED} and ({r.CHAOS_SETTLING} == 1)")
    over = f"({r.CHAOS_ACTIVE} == bool 0) * max_over_time({r.CHAOS_ACTIVE}[{RECOVERY}])"
    yield Recording(r.CHAOS_RECOVERING, f"{r.MISSED} * {over}")


def _missed(service: Service) -> str:
    """1 while either objective is missed.

    Two minutes, not five: an experiment is over in less, and a longer window would remember it for
    longer than the service needs to recover.
    """
    sent = matchers([service])
    failing = f"({error_share('2m', *sent)} > bool {unavailable_share(service):.10g})"
    late = f"({slow_share(milliseconds(service), '2m', *sent)} > bool {SLOW_SHARE:g})"
    return f"clamp_max({failing} + {late}, 1)"


def _alerts(stack: Monitored) -> Iterator[Alert]:
    everywhere = ".+"
    homes = "|".join(sorted({service.namespace for service in stack.services}))
    yield from _information(stack)
    stuck = "An experiment in {{ $labels.exported_namespace }} is stuck while it is being "
    for phase, hold, doing, meaning in (
        ("injecting", "5m", "injected", "Some of its pods have the fault, others do not."),
        ("deleting", "10m", "taken back", "Its fault may still be in the pods."),
    ):
        yield Alert(
            "ChaosExperimentStuck",
            greatest(experiments(everywhere, phases=phase), *_BY_KIND) + " > 0",
            "warning",
            CHAOS,
            stuck + doing,
            f"A {{{{ $labels.kind }}}} has been {phase} for {hold}. {meaning}",
            hold=hold,
            labels=_NAMESPACE | {"phase": phase},
        )
    running = greatest(experiments(homes, phases="injecting|running"), *_BY_KIND)
    yield Alert(
        "ChaosOutsideWindow",
        f"{running} > 0 and on () {r.CHAOS_WINDOW} == 0",
        "warning",
        CHAOS,
        "An experiment runs in {{ $labels.exported_namespace }} outside of the window",
        "A {{ $labels.kind }} is active although no experiment may run now. None of the stack's "
        "schedules fires at this time: somebody started it by hand, or it does not end.",
        hold="2m",
        labels=_NAMESPACE,
    )
    yield Alert(
        "ChaosWhileSloBurning",
        f"({burns(FAST)}) and {ON_SERVICE} {r.CHAOS_ACTIVE} == 1",
        "critical",
        CHAOS,
        f"An experiment hits {SERVICE} while it breaks its objective: stop it",
        "The hypothesis is refuted: the budget of the {{ $labels.slo }} objective goes "
        "{{ $value | humanize }} times as fast as it may, with an experiment on the service.",
        labels={**SERVICE_LABELS, "slo": "{{ $labels.slo }}"},
    )
    yield from _failures(everywhere)


def _information(stack: Monitored) -> Iterator[Alert]:
    # The detector may tell of it two runs later; until then whoever asks must find it.
    linger = f"{2 * stack.anomaly.interval_minutes}m"
    yield Alert(
        "ChaosExperimentRecent",
        f"{r.CHAOS_SETTLING} == 1",
        "info",
        CHAOS,
        f"An experiment runs on {SERVICE}, or did a moment ago",
        "Nothing to do. While this is told, anomalies that were seen during the experiment do not "
        "notify anybody.",
        linger=linger,
        labels=SERVICE_LABELS,
    )


def _failures(namespaces: str) -> Iterator[Alert]:
    yield Alert(
        "ChaosExperimentFailed",
        _happened(namespaces, "Failed"),
        "warning",
        CHAOS,
        "Chaos Mesh could not do what an experiment in {{ $labels.exported_namespace }} asked",
        "{{ $value | humanize }} times in the last quarter of an hour a fault could not be "
        "injected or taken back, or a run could not be started.",
        labels=_NAMESPACE,
    )
    yield Alert(
        "ChaosScheduleMissed",
        _happened(namespaces, "MissSchedule"),
        "info",
        CHAOS,
        "A scheduled experiment in {{ $labels.exported_namespace }} was not started",
        "The controller was away at the time, or the schedule was paused; the run is dropped.",
        labels=_NAMESPACE,
    )


def _happened(namespaces: str, reason: str) -> str:
    """How often something happened in the last quarter of an hour, where it did.

    The first event of its kind is a series that was not there before, which is no increase.
    """
    counted = events(namespaces, reason)
    grown = total(f"increase({counted}[15m])", "exported_namespace")
    now = total(counted, "exported_namespace")
    before = total(f"{counted} offset 15m", "exported_namespace")
    return f"{grown} > 0 or ({now} unless {before}) > 0"
