"""Flux: what is not as Git says, what nobody applies any more, what takes too long."""

from collections.abc import Iterator

from observability.alerting_rules.model import Alert, Group
from observability.promql.expressions import greatest, is_, like, rate, select, total
from observability.promql.flux import KUSTOMIZATIONS, FluxState, flux_state
from settings.gitops import GitOps
from settings.monitored import Monitored
from vocabulary import metrics as m
from vocabulary.boards import GITOPS

FORGOTTEN = "24h"
"""A suspension that is older has been forgotten, most likely."""

MISSED_INTERVALS = 3

_PATH = ("exported_namespace", "name")
_NAMESPACE = {"namespace": "{{ $labels.exported_namespace }}"}
_NAME = "{{ $labels.name }}"


def gitops(stack: Monitored) -> Group:
    """Alerts about all of the cluster's Flux objects, and about the stack's paths."""
    state = flux_state(stack.observability, stack.gitops)
    return Group("gitops", (*_state(state), *_work(stack.gitops, state)))


def _state(state: FluxState) -> Iterator[Alert]:
    kind = f"{{{{ $labels.{state.kind} }}}}"
    yield Alert(
        "FluxResourceNotReady",
        # Without the reason and the revision among the labels: they change with every attempt.
        f"{greatest(state.unready(), *state.identity)} == 1",
        "warning",
        GITOPS,
        f"{kind} {_NAME} is not ready",
        f"For a quarter of an hour {kind} {_NAME} in {{{{ $labels.exported_namespace }}}} has not "
        "been what Git says, or could not be fetched.",
        hold="15m",
        labels=_NAMESPACE,
    )
    yield Alert(
        "FluxResourceSuspendedTooLong",
        f"{greatest(state.suspended(), *state.identity)} == 1",
        "warning",
        GITOPS,
        f"{kind} {_NAME} is still suspended",
        f"Somebody suspended it more than {FORGOTTEN} ago. Until it is resumed nothing from Git "
        "arrives, and changes by hand stay.",
        hold=FORGOTTEN,
        labels=_NAMESPACE,
    )


def _work(settings: GitOps, state: FluxState) -> Iterator[Alert]:
    paths = settings.kustomizations
    ours = (
        is_("kind", KUSTOMIZATIONS),
        is_("exported_namespace", settings.namespace),
        like("name", "|".join(sorted(path.name for path in paths))),
    )
    interval = max(path.interval for path in paths).total_seconds()
    window = f"{MISSED_INTERVALS * interval:.0f}s"
    done = total(f"increase({select(m.FLUX_DURATION_COUNT, *ours)}[{window}])", *_PATH)
    suspended = greatest(state.suspended(), *_PATH)
    yield Alert(
        "FluxNotReconciling",
        f"{done} == 0 unless {suspended} == 1",
        "warning",
        GITOPS,
        f"Nobody applies the path {_NAME} any more",
        f"It was not reconciled once in {MISSED_INTERVALS} intervals, although it is not "
        "suspended. Its state may still say ready: that is old.",
        hold="5m",
        labels=_NAMESPACE,
    )
    half = min(path.timeout for path in paths).total_seconds() / 2
    spent = total(rate(select(m.FLUX_DURATION_SUM, *ours), "30m"), *_PATH)
    times = total(rate(select(m.FLUX_DURATION_COUNT, *ours), "30m"), *_PATH)
    yield Alert(
        "FluxReconcileSlow",
        f"{spent} / {times} > {half:g}",
        "warning",
        GITOPS,
        f"Applying the path {_NAME} takes long",
        "A reconciliation takes {{ $value | humanizeDuration }} on average; at twice of what is "
        "allowed here it times out and fails.",
        hold="15m",
        labels=_NAMESPACE,
    )
