"""Finding a run and what it really injected.

Not what was planned: the window goes from the first successful Apply to the last successful Recover
in the experiment's own records. A Workflow deletes its experiments, and their records with them: of
its run `ops.chaos.injected` tells, and later the nodes, which say when each fault was to begin and
when it was over at the latest.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from ops.chaos.injected import experiment_events, faults_of, injection
from ops.chaos.overview import find_chaos
from ops.chaos.phases import faulty, is_one_shot, phase_of, records_of
from ops.chaos.report.document import Run
from ops.chaos.state import WORKFLOW_LABEL, is_workflow, workflow
from ops.cluster import Cluster, Object, Ref
from ops.cluster.objects import annotations, labels, lookup, owner, parse_time
from ops.errors import UnhealthyError
from ops.records import parse_record
from vocabulary.kinds import CHAOS_VERSION, SCHEDULE, Kind
from vocabulary.labels import (
    APP,
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
    records = records_of(item)
    events = [event for record in records for event in record.get("events") or ()]
    applied, recovered = list(_times(events, "Apply")), list(_times(events, "Recover"))
    start, end = min(applied, default=None), max(recovered, default=None)
    if is_one_shot(item):
        end = max(applied, default=None)
    elif faulty(item):
        end = None
    hit = [r for r in records if r.get("injectedCount") or r.get("phase") == "Injected"]
    stopped = _paused_by(item, schedule) if phase_of(item, now) == "paused" else ""
    return _run(
        item,
        schedule,
        start=start,
        end=end,
        targets=tuple(str(each.get("id")) for each in hit),
        confirmed=True,
        aborted=stopped,
        failures=tuple(_failures(events)),
    )


def workflow_run(
    item: Object, nodes: Sequence[Object], schedule: Object | None, events: Sequence[Object]
) -> Run:
    """What a Workflow injected, by its events; by its nodes where those are gone. Pure."""
    faults = faults_of(item, nodes)
    found = injection(faults, events)
    over = parse_time(lookup(item, "status", "endTime"))
    if found.known:
        start, end = min(found.applied, default=None), max(found.recovered, default=over)
        targets = found.targets
    else:
        starts = [m for node in faults if (m := parse_time(lookup(node, "spec", "startTime")))]
        ends = [m for node in faults if (m := parse_time(lookup(node, "spec", "deadline")))]
        start, end = min(starts, default=None), over
        if over and ends:
            end = min(max(ends), over)
        targets = tuple(sorted({str(lookup(node, "spec", "templateName")) for node in faults}))
    state = workflow(item)
    stopped = ""
    if state.phase in ("aborting", "aborted"):
        by = state.record
        stopped = f"{by.by}: {by.reason}" if by else "a health check of the Workflow"
    return _run(
        item,
        schedule,
        start=start,
        end=end if start else None,
        targets=targets,
        confirmed=found.known,
        aborted=stopped,
        failures=found.failures,
    )


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


def _run(item: Object, schedule: Object | None, **what: Any) -> Run:
    about = schedule or item
    service, namespace = _service(item, about)
    return Run.of(
        Ref.of(item),
        schedule=schedule["metadata"]["name"] if schedule else "",
        service=service,
        service_namespace=namespace,
        hypothesis=annotations(about).get(HYPOTHESIS, ""),
        owner=labels(about).get(OWNER, ""),
        expected_alert=annotations(about).get(EXPECTED_ALERT, ""),
        **what,
    )


def _service(item: Object, about: Object) -> tuple[str, str]:
    """The service that is aimed at: the platform's label, or what the selector selects."""
    own = item["metadata"]["namespace"]
    selector = lookup(item, "spec", "selector") or {}
    spaces = selector.get("namespaces") or [own]
    selected = (selector.get("labelSelectors") or {}).get(APP, "")
    return labels(about).get(TARGET) or selected, spaces[0]


def _paused_by(item: Object, schedule: Object | None) -> str:
    """Who paused it: noted on itself, or on the Schedule that handed the pause on."""
    for each in (item, schedule or {"metadata": {}}):
        if record := parse_record(annotations(each).get(PAUSE)):
            return f"{record.by}: {record.reason}"
    return "a pause"


def _times(events: Iterable[Any], operation: str) -> Iterator[datetime]:
    for event in events:
        if event.get("operation") == operation and event.get("type") == "Succeeded":
            moment = parse_time(event.get("timestamp"))
            if moment:
                yield moment


def _failures(events: Iterable[Any]) -> list[str]:
    found = (
        f"{event.get('operation')}: {event.get('message', '')}"
        for event in events
        if event.get("type") == "Failed"
    )
    return list(dict.fromkeys(found))
