"""What a Workflow really injected, by Chaos Mesh's own events. Pure.

A Workflow deletes its experiments, and their records with them. Of its nodes the condition
`ChaosInjected` says no more than that the experiment was created, and is taken back when it goes:
one that hit nobody looks like one that did. The events of an experiment outlive it; an API server
keeps them for an hour unless it is told otherwise, so who asks later cannot be told any more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ops.chaos.state import WORKFLOW_LABEL, is_experiment
from ops.cluster import Cluster, Object
from ops.cluster.objects import annotations, labels, lookup, parse_time
from vocabulary.kinds import CHAOS_VERSION, EVENT

TARGET = "chaos-mesh.org/id"
"""Annotation of an event: namespace, pod and container."""


@dataclass(frozen=True)
class Injection:
    """What the events of a Workflow's experiments say."""

    known: bool
    """Whether there are any events, so that the rest can be told."""

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


def injection(faults: Sequence[Object], events: Sequence[Object]) -> Injection:
    """What was injected for some nodes."""
    theirs = [event for event in events if _is_of(event, faults)]
    applied = [event for event in theirs if event.get("reason") == "Applied"]
    return Injection(
        known=bool(theirs),
        applied=tuple(_moments(applied)),
        recovered=tuple(_moments(e for e in theirs if e.get("reason") == "Recovered")),
        targets=tuple(dict.fromkeys(filter(None, (annotations(e).get(TARGET) for e in applied)))),
        failures=tuple(
            dict.fromkeys(str(e.get("message")) for e in theirs if e.get("reason") == "Failed")
        ),
    )


def _is_of(event: Object, faults: Sequence[Object]) -> bool:
    """Whether it is about an experiment of a node: its name begins with the node's."""
    kind, name = (lookup(event, "involvedObject", key) for key in ("kind", "name"))
    return any(
        kind == lookup(node, "spec", "type")
        and str(name).rpartition("-")[0] == node["metadata"]["name"]
        for node in faults
    )


def _moments(events: Iterator[Object] | Sequence[Object]) -> Iterator[datetime]:
    for event in events:
        text = event.get("firstTimestamp") or event.get("eventTime")
        if moment := parse_time(text or event["metadata"].get("creationTimestamp")):
            yield moment
