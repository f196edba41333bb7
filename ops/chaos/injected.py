"""What was really injected, by Chaos Mesh's own records and events. Pure.

An experiment's records say it, while it is there. A Workflow deletes its experiments, and their
records with them. Of its nodes the condition `ChaosInjected` says no more than that the experiment
was created, and is taken back when it goes: one that hit nobody looks like one that did. The events
of an experiment outlive it; an API server keeps them for an hour unless it is told otherwise, so
who asks later cannot be told any more.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ops.chaos.phases import records_of
from ops.chaos.state import WORKFLOW_LABEL, is_experiment
from ops.cluster import Cluster, Object
from ops.cluster.objects import annotations, labels, lookup, parse_time
from vocabulary.kinds import CHAOS_VERSION, EVENT

TARGET = "chaos-mesh.org/id"
"""Annotation of an event: namespace, pod and container."""


@dataclass(frozen=True)
class Injection:
    """What was injected."""

    known: bool
    """Whether records or events say so; only the plan of the run does otherwise."""

    applied: tuple[datetime, ...]
    """When pods got a fault."""

    recovered: tuple[datetime, ...]
    """When they were rid of it."""

    targets: tuple[str, ...]
    """Pods, or containers of them, that got one."""

    failures: tuple[str, ...]
    """What could not be injected or undone."""


def experiment_events(cluster: Cluster, namespace: str | None = None) -> list[Object]:
    """The events of all experiments that the API server still has."""
    fields = {"involvedObject.apiVersion": CHAOS_VERSION}
    return cluster.all(EVENT, namespace=namespace, fields=fields)


def faults_of(workflow: Object, nodes: Sequence[Object]) -> list[Object]:
    """The nodes of a Workflow that are faults."""
    about = workflow["metadata"]
    return [
        node
        for node in nodes
        if node["metadata"]["namespace"] == about["namespace"]
        and labels(node).get(WORKFLOW_LABEL) == about["name"]
        and is_experiment(str(lookup(node, "spec", "type")))
    ]


def recorded(item: Object) -> Injection:
    """What was injected by the records of an experiment."""
    records = records_of(item)
    events = [event for record in records for event in record.get("events") or ()]
    failed = [event for event in events if event.get("type") == "Failed"]
    hit = [r for r in records if r.get("injectedCount") or r.get("phase") == "Injected"]

    def times(operation: str) -> tuple[datetime, ...]:
        done = (each for each in events if each.get("type") == "Succeeded")
        mine = (each for each in done if each.get("operation") == operation)
        return _known(parse_time(each.get("timestamp")) for each in mine)

    return Injection(
        known=True,
        applied=times("Apply"),
        recovered=times("Recover"),
        targets=tuple(str(each.get("id")) for each in hit),
        failures=_once(f"{e.get('operation')}: {e.get('message', '')}" for e in failed),
    )


def injection(faults: Sequence[Object], events: Sequence[Object]) -> Injection:
    """What was injected for some nodes, by events."""
    theirs = [event for event in events if _is_of(event, faults)]

    def told(reason: str) -> list[Object]:
        return [event for event in theirs if event.get("reason") == reason]

    return Injection(
        known=bool(theirs),
        applied=_known(map(_moment, told("Applied"))),
        recovered=_known(map(_moment, told("Recovered"))),
        targets=_once(filter(None, (annotations(e).get(TARGET) for e in told("Applied")))),
        failures=_once(str(event.get("message")) for event in told("Failed")),
    )


def planned(faults: Sequence[Object]) -> Injection:
    """What was to be injected for some nodes: what is left when the events are gone."""
    return Injection(
        known=False,
        applied=_known(parse_time(lookup(node, "spec", "startTime")) for node in faults),
        recovered=_known(parse_time(lookup(node, "spec", "deadline")) for node in faults),
        targets=tuple(sorted({str(lookup(node, "spec", "templateName")) for node in faults})),
        failures=(),
    )


def _is_of(event: Object, faults: Sequence[Object]) -> bool:
    """Whether it is about an experiment of a node: its name begins with the node's."""
    kind, name = (lookup(event, "involvedObject", key) for key in ("kind", "name"))
    return any(
        kind == lookup(node, "spec", "type")
        and str(name).rpartition("-")[0] == node["metadata"]["name"]
        for node in faults
    )


def _moment(event: Object) -> datetime | None:
    text = event.get("firstTimestamp") or event.get("eventTime")
    return parse_time(text or event["metadata"].get("creationTimestamp"))


def _known(moments: Iterable[datetime | None]) -> tuple[datetime, ...]:
    return tuple(each for each in moments if each)


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
