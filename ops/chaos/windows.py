"""What was really injected, as faults that the detector is graded by (`anomaly grade --faults`).

From Chaos Mesh's records and events, never from the plan: a run that hit nobody is no fault. Those
are kept for an hour, so a list grows by being added to.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime

from ops.chaos.injected import faults_of, injection
from ops.chaos.report.runs import experiment_run
from ops.chaos.state import WORKFLOW_LABEL, aimed_at
from ops.cluster import Object
from ops.cluster.objects import labels, lookup
from ops.documents import Part
from vocabulary.kinds import CHAOS_EXPERIMENTS


class Window(Part):
    """One fault that was in pods, as the detector's command line reads it."""

    name: str
    """Namespace and name of what Chaos Mesh made for it."""

    type: str
    """Kind and action, `PodChaos pod-failure`; faults of one type are graded together."""

    start: AwareDatetime
    """When the first pod had it."""

    end: AwareDatetime
    """When the last one was rid of it."""

    labels: dict[str, str]
    """The service that was hit, as Istio's series have it."""


def windows(
    experiments: Sequence[Object],
    workflows: Sequence[Object],
    nodes: Sequence[Object],
    events: Sequence[Object],
    now: datetime,
) -> list[Window]:
    """The faults that are over, in the order in which they began. Pure."""
    found = [*_of_experiments(experiments, now), *_of_workflows(workflows, nodes, events)]
    return sorted(found, key=lambda each: (each.start, each.name))


def _of_experiments(experiments: Sequence[Object], now: datetime) -> Iterator[Window]:
    for item in experiments:
        run = experiment_run(item, None, now)
        # One of a Workflow is told by its events, which outlive it.
        if run.start and run.end and WORKFLOW_LABEL not in labels(item):
            yield _window(item, item["kind"], item["spec"], run.start, run.end)


def _of_workflows(
    workflows: Sequence[Object], nodes: Sequence[Object], events: Sequence[Object]
) -> Iterator[Window]:
    for workflow in workflows:
        for node in faults_of(workflow, nodes):
            told = injection([node], events)
            kind = str(lookup(node, "spec", "type"))
            spec = lookup(node, "spec", CHAOS_EXPERIMENTS[kind]) or {}
            if told.applied:
                start = min(told.applied)
                # What happens once has nothing to recover from.
                yield _window(node, kind, spec, start, max(told.recovered, default=start))


def _window(item: Object, kind: str, spec: Any, start: datetime, end: datetime) -> Window:
    service, namespace = aimed_at(spec, item["metadata"]["namespace"])
    hit = {"destination_service_namespace": namespace, "destination_service_name": service}
    return Window(
        name=f"{item['metadata']['namespace']}/{item['metadata']['name']}",
        type=f"{kind} {lookup(spec, 'action') or ''}".strip(),
        start=start,
        end=end,
        labels={key: value for key, value in hit.items() if value},
    )
