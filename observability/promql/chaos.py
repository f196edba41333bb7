"""Experiments as Chaos Mesh counts them: by namespace, kind and phase, never by name."""

from collections.abc import Mapping

from observability.promql.expressions import is_, like, select
from settings.chaos import Chaos
from vocabulary import metrics as m
from vocabulary.kinds import FAULTS

INJECTED = "injecting|running|deleting"
"""Phases in which a fault may be in pods; one that is deleted is still being taken back."""


def experiments(namespace: str, *, kinds: str = "", phases: str = INJECTED) -> str:
    """Experiments in namespaces; all three are regular expressions."""
    matchers = [like("exported_namespace", namespace), like("phase", phases)]
    if kinds:
        matchers.append(like("kind", kinds))
    return select(m.EXPERIMENTS, *matchers)


def events(namespace: str, *reasons: str) -> str:
    """What happened to experiments, counted."""
    where = like("exported_namespace", namespace)
    chosen = (like("reason", "|".join(reasons)),) if len(reasons) > 1 else ()
    one = (is_("reason", reasons[0]),) if len(reasons) == 1 else ()
    return select(m.CHAOS_EVENTS, where, *chosen, *one)


def kinds_by_target(chaos: Chaos) -> Mapping[str, tuple[str, ...]]:
    """The kinds of experiment that hit each service, by the services' names."""
    faults = [step for scheduled in chaos.recurring for step in scheduled.steps]
    targets = sorted({fault.target for fault in faults})
    return {
        target: tuple(sorted({FAULTS[fault.kind] for fault in faults if fault.target == target}))
        for target in targets
    }
