"""All that Chaos Mesh does in a cluster: every kind listed once."""

from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime

from ops.chaos.state import (
    Experiment,
    ScheduleState,
    WorkflowState,
    experiment,
    is_experiment,
    schedule,
    workflow,
)
from ops.chaos.stop import kept_out
from ops.cluster import Cluster, Ref, Resource, separate
from ops.cluster.discovery import meant
from ops.documents import Document
from ops.errors import NotInstalledError, OpsError
from ops.records import Record, record_on
from vocabulary.kinds import CHAOS_GROUP, SCHEDULE, WORKFLOW
from vocabulary.labels import PAUSE


class ChaosOverview(Document):
    """What Chaos Mesh does."""

    document: Literal["chaos-list/1"] = "chaos-list/1"
    """Name and version of this document."""

    at: AwareDatetime
    """When it was asked."""

    well: bool
    """Whether nothing is stuck and everything could be asked."""

    stopped: Record | None = None
    """Who has the cluster refuse new experiments; null when nobody does with `ops`."""

    schedules: tuple[ScheduleState, ...]
    """The Schedules."""

    workflows: tuple[WorkflowState, ...]
    """The Workflows, those under way first."""

    experiments: tuple[Experiment, ...]
    """The experiments, those under way first."""

    unknown: tuple[str, ...] = ()
    """What could not be asked, and why."""

    @property
    def active(self) -> list[Experiment]:
        """Those whose fault is in the system."""
        return [each for each in self.experiments if each.is_active and not _is_spent(each)]

    @property
    def stuck(self) -> list[Experiment]:
        """Those that do not get on."""
        return [each for each in self.experiments if each.stuck]


def chaos_kinds(cluster: Cluster) -> list[Resource]:
    """Schedules, Workflows and every kind of experiment that the cluster serves.

    Raises:
        NotInstalledError: when there are none.
    """
    wanted = (SCHEDULE.kind, WORKFLOW.kind)
    served = cluster.catalogue.group(CHAOS_GROUP)
    found = [each for each in served if each.kind in wanted or is_experiment(each.kind)]
    if not found:
        raise NotInstalledError(
            "Chaos Mesh is not installed in this cluster: it has none of its kinds"
        )
    return found


def find_chaos(cluster: Cluster, text: str, namespace: str) -> Ref:
    """The object that a person means: `podchaos/NAME`, or the name of a Schedule."""
    return meant(text, namespace, chaos_kinds(cluster), default=SCHEDULE, owner="Chaos Mesh")


def get_overview(cluster: Cluster, *, namespace: str | None = None) -> ChaosOverview:
    """Ask what Chaos Mesh does.

    Raises:
        NotInstalledError: when the cluster has no Chaos Mesh.
    """
    now, stopped = datetime.now(UTC), None
    items, unknown = separate(cluster.list_many(chaos_kinds(cluster), namespace=namespace))
    try:
        stopped = record_on(kept_out(cluster), PAUSE)
    except OpsError as error:
        unknown += (f"whether new experiments are refused: {error}",)
    experiments = [experiment(item, now) for item in items if is_experiment(item["kind"])]
    workflows = [workflow(item) for item in items if item["kind"] == WORKFLOW.kind]
    schedules = [schedule(item, now) for item in items if item["kind"] == SCHEDULE.kind]
    return ChaosOverview(
        at=now,
        well=not unknown and not any(each.stuck for each in experiments),
        stopped=stopped,
        schedules=tuple(sorted(schedules, key=lambda each: (each.namespace, each.name))),
        workflows=tuple(
            sorted(workflows, key=lambda each: (each.phase != "running", each.namespace, each.name))
        ),
        experiments=tuple(
            sorted(experiments, key=lambda each: (not each.is_active, each.namespace, each.name))
        ),
        unknown=unknown,
    )


def _is_spent(item: Experiment) -> bool:
    """Whether there is nothing left of it: a one-shot fault that has happened."""
    return item.one_shot and item.phase == "finished"
