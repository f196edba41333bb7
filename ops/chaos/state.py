"""How experiments, Schedules and Workflows stand, read from the objects alone. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import AwareDatetime

from ops.chaos.phases import Phase, faulty, is_one_shot, phase_of, stuck
from ops.cluster import Namespaced, Object, Ref
from ops.cluster.objects import annotations, is_true, labels, lookup, owner, parse_time
from ops.records import Record, record_on
from vocabulary.kinds import CHAOS_EXPERIMENTS, SCHEDULE, WORKFLOW
from vocabulary.labels import (
    APP,
    CHAOS_ABORT,
    CHAOS_PAUSE,
    EXPERIMENT,
    HYPOTHESIS,
    ONCE,
    OWNER,
    PAUSE,
)
from vocabulary.timing.cron import Cron

WorkflowPhase = Literal["running", "aborting", "aborted", "finished"]

WORKFLOW_LABEL = "chaos-mesh.org/workflow"


class Experiment(Namespaced):
    """One fault, under way or over."""

    action: str
    """What it does, as `pod-failure`."""

    phase: Phase
    """Chaos Mesh's phase."""

    one_shot: bool
    """Whether it is over once it has happened; such a one cannot be paused."""

    schedule: str
    """Schedule that started it; empty for none."""

    workflow: str
    """Workflow that started it; empty for none."""

    started: AwareDatetime | None
    """When it was created."""

    faulty: tuple[str, ...]
    """Pods, or containers of them, that still have the fault."""

    stuck: str
    """Why it counts as stuck; empty when it does not."""

    record: Record | None
    """Who paused it; null when nobody did with `ops`."""

    @property
    def is_active(self) -> bool:
        """Whether its fault is in the system, or about to be."""
        return self.phase in ("injecting", "running", "deleting")


class ScheduleState(Namespaced):
    """One Schedule."""

    type: str
    """Kind of what it starts."""

    cron: str
    """When it fires."""

    paused: bool
    """Whether it starts nothing."""

    has_run: bool
    """Whether it is a copy that `chaos run` made and that has fired: it stays for the report."""

    next_firing: AwareDatetime | None
    """When it fires next; null while it is paused or when that cannot be told."""

    hypothesis: str
    """What is expected to hold meanwhile."""

    owner: str
    """Who answers for it."""

    record: Record | None
    """Who paused it; null when nobody did with `ops`."""


class WorkflowState(Namespaced):
    """One run of a Workflow."""

    phase: WorkflowPhase
    """How far it is; one that is aborted does not go on."""

    schedule: str
    """Schedule that started it; empty for none."""

    started: AwareDatetime | None
    """When it was created."""

    record: Record | None
    """Who aborted it; null when nobody did with `ops`."""


def experiment(item: Object, now: datetime) -> Experiment:
    """See how an experiment stands."""
    return Experiment.of(
        Ref.of(item),
        action=str(lookup(item, "spec", "action") or ""),
        phase=phase_of(item, now),
        one_shot=is_one_shot(item),
        schedule=owner(item, SCHEDULE.kind) or "",
        workflow=labels(item).get(WORKFLOW_LABEL, ""),
        started=parse_time(item["metadata"].get("creationTimestamp")),
        faulty=tuple(each.get("id", "") for each in faulty(item)),
        stuck=stuck(item, now),
        record=record_on(item, PAUSE),
    )


def schedule(item: Object, now: datetime) -> ScheduleState:
    """See how a Schedule stands."""
    paused = is_paused(item)
    cron = str(lookup(item, "spec", "schedule") or "")
    return ScheduleState.of(
        Ref.of(item),
        type=str(lookup(item, "spec", "type") or ""),
        cron=cron,
        paused=paused,
        has_run=has_run(item),
        next_firing=None if paused else _next_firing(cron, now),
        hypothesis=annotations(item).get(HYPOTHESIS, ""),
        owner=labels(item).get(OWNER, ""),
        record=record_on(item, PAUSE),
    )


def workflow(item: Object) -> WorkflowState:
    """See how a Workflow stands."""
    over, aborted = is_true(item, "Accomplished"), annotations(item).get(CHAOS_ABORT) == "true"
    phases: Mapping[tuple[bool, bool], WorkflowPhase] = {
        (False, False): "running",
        (False, True): "aborting",
        (True, True): "aborted",
        (True, False): "finished",
    }
    return WorkflowState.of(
        Ref.of(item),
        phase=phases[over, aborted],
        schedule=owner(item, SCHEDULE.kind) or "",
        started=parse_time(item["metadata"].get("creationTimestamp")),
        record=record_on(item, PAUSE),
    )


def phase(item: Object) -> Phase | WorkflowPhase:
    """How far an experiment or a Workflow is, now."""
    return workflow(item).phase if is_workflow(item["kind"]) else phase_of(item, datetime.now(UTC))


def is_under_way(item: Object) -> bool:
    """Whether an experiment or a Workflow acts, or is about to."""
    return phase(item) in ("injecting", "running")


def aimed_at(fault: Any, namespace: str) -> tuple[str, str]:
    """Service that a fault selects, and its namespace; its object's where it does not say."""
    selector = lookup(fault, "selector") or {}
    spaces = selector.get("namespaces") or [namespace]
    return (selector.get("labelSelectors") or {}).get(APP, ""), spaces[0]


def is_experiment(kind: str) -> bool:
    """Whether a kind is a fault."""
    return kind in CHAOS_EXPERIMENTS


def is_workflow(kind: str) -> bool:
    """Whether a kind is a chain of faults."""
    return kind == WORKFLOW.kind


def is_paused(item: Object) -> bool:
    """Whether the pause annotation is set."""
    return annotations(item).get(CHAOS_PAUSE) == "true"


def has_run(item: Object) -> bool:
    """Whether a Schedule is a copy that `chaos run` made, and over."""
    return labels(item).get(EXPERIMENT) == ONCE and is_paused(item)


def _next_firing(cron: str, now: datetime) -> datetime | None:
    try:
        return Cron.parse(cron).next(now)
    except ValueError:
        return None
