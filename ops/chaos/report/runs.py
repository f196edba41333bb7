"""Finding a run and what it really injected.

Not what was planned: the window goes from the first successful Apply to the last successful Recover
in the experiment's own records. A Workflow deletes its experiments, and their records with them: of
its run `ops.chaos.injected` tells, and later the nodes, which say when each fault was to begin and
when it was over at the latest.
"""

from collections.abc import Sequence
from datetime import datetime

from ops.chaos.injected import (
    Injection,
    experiment_events,
    faults_of,
    injection,
    planned,
    recorded,
)
from ops.chaos.overview import find_chaos
from ops.chaos.phases import faulty, is_one_shot, phase_of
from ops.chaos.report.document import Run
from ops.chaos.state import WORKFLOW_LABEL, aimed_at, is_workflow, workflow
from ops.cluster import Cluster, Object, Ref
from ops.cluster.objects import annotations, labels, lookup, owner, parse_time
from ops.errors import UnhealthyError
from ops.records import record_on
from vocabulary.kinds import CHAOS_VERSION, SCHEDULE, Kind
from vocabulary.labels import (
    CHAOS_MANAGED_BY,
    EXPECTED_ALERT,
    HYPOTHESIS,
    OWNER,
    PAUSE,
    TARGET,
)

WORKFLOW_NODE = Kind(CHAOS_VERSION, "WorkflowNode")


def find_run(cluster: Cluster, target: str, namespace: str, now: datetime) -> Run:
    """The run that a person means: an experiment, a Workflow, or the last one of a Schedule.

    Raises:
        UnhealthyError: when a Schedule has no run that Chaos Mesh still knows of.
    """
    ref = find_chaos(cluster, target, namespace)
    item = cluster.get(*ref)
    if ref.kind == SCHEDULE.kind:
        return _describe(cluster, _last_run(cluster, item), item, now)
    parent = owner(item, SCHEDULE.kind)
    schedule = cluster.one(SCHEDULE, namespace, parent) if parent else None
    return _describe(cluster, item, schedule, now)


def experiment_run(item: Object, schedule: Object | None, now: datetime) -> Run:
    """What an experiment injected, by its own records. Pure."""
    told = recorded(item)
    end = max(told.applied if is_one_shot(item) else told.recovered, default=None)
    if faulty(item) and not is_one_shot(item):
        end = None
    stopped = _paused_by(item, schedule) if phase_of(item, now) == "paused" else ""
    return _run(item, schedule, told, end=end, aborted=stopped)


def workflow_run(
    item: Object, nodes: Sequence[Object], schedule: Object | None, events: Sequence[Object]
) -> Run:
    """What a Workflow injected, by its events; by its nodes where those are gone. Pure."""
    faults = faults_of(item, nodes)
    found = injection(faults, events)
    told = found if found.known else planned(faults)
    over = parse_time(lookup(item, "status", "endTime"))
    end = max(told.recovered, default=over)
    if not told.known:  # its faults were over when it was, at the latest
        end = min(end, over) if end and over else None
    state = workflow(item)
    stopped = ""
    if state.phase in ("aborting", "aborted"):
        stopped = str(state.record or "a health check of the Workflow")
    return _run(item, schedule, told, end=end if told.applied else None, aborted=stopped)


def _describe(cluster: Cluster, item: Object, schedule: Object | None, now: datetime) -> Run:
    if not is_workflow(item["kind"]):
        return experiment_run(item, schedule, now)
    ref = Ref.of(item)
    mine = {WORKFLOW_LABEL: ref.name}
    nodes = cluster.list_all(WORKFLOW_NODE, namespace=ref.namespace, labels=mine)
    return workflow_run(item, nodes, schedule, experiment_events(cluster, ref.namespace))


def _last_run(cluster: Cluster, schedule: Object) -> Object:
    ref = Ref.of(schedule)
    kind = Kind(CHAOS_VERSION, str(lookup(schedule, "spec", "type")))
    by_it = {CHAOS_MANAGED_BY: ref.name}
    runs = cluster.list_all(kind, namespace=ref.namespace, labels=by_it)
    if not runs:
        raise UnhealthyError(
            f"{ref} has no run that Chaos Mesh still knows of: it has not fired yet, or keeps no "
            "history (historyLimit); a past one can be given with --service, --start and --end"
        )
    return max(runs, key=lambda run: str(run["metadata"].get("creationTimestamp")))


def _run(
    item: Object, schedule: Object | None, told: Injection, *, end: datetime | None, aborted: str
) -> Run:
    about = schedule or item
    selected, namespace = aimed_at(item.get("spec"), item["metadata"]["namespace"])
    return Run.of(
        Ref.of(item),
        schedule=schedule["metadata"]["name"] if schedule else "",
        service=labels(about).get(TARGET) or selected,
        service_namespace=namespace,
        hypothesis=annotations(about).get(HYPOTHESIS, ""),
        owner=labels(about).get(OWNER, ""),
        expected_alert=annotations(about).get(EXPECTED_ALERT, ""),
        start=min(told.applied, default=None),
        end=end,
        targets=told.targets,
        confirmed=told.known,
        aborted=aborted,
        failures=told.failures,
    )


def _paused_by(item: Object, schedule: Object | None) -> str:
    """Who paused it: noted on itself, or on the Schedule that handed the pause on."""
    records = (record_on(each, PAUSE) for each in (item, schedule))
    return str(next(filter(None, records), "a pause"))
