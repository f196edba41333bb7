"""Chaos Mesh's faults, wherever they stand: alone, in a Schedule, in a Workflow, or nested.

Chaos Mesh checks what is embedded in a Schedule or a Workflow far less than what stands alone, so
every rule about faults looks through this module and sees them all alike.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from policy.resources import Field, Resource
from vocabulary.kinds import CHAOS_EXPERIMENTS, CHAOS_VERSION, SCHEDULE, WORKFLOW, Kind
from vocabulary.labels import APP, REPLICAS
from vocabulary.timing.duration import parse_duration

EXPERIMENTS = tuple(Kind(CHAOS_VERSION, kind) for kind in CHAOS_EXPERIMENTS)
WITHOUT_PODS = ("AWSChaos", "AzureChaos", "GCPChaos", "PhysicalMachineChaos")
POD_EXPERIMENTS = tuple(kind for kind in EXPERIMENTS if kind.kind not in WITHOUT_PODS)
CHAOS = (SCHEDULE, WORKFLOW, *EXPERIMENTS)
ONE_SHOT = ("pod-kill", "container-kill")


@dataclass(frozen=True)
class Selection:
    """A choice of pods: the victims, or the other side of a network fault."""

    place: Field
    """Where `selector`, `mode` and `value` stand."""

    @property
    def selector(self) -> Field:
        """The selector."""
        return self.place["selector"]

    def affected(self, replicas: int) -> int | None:
        """How many of so many pods are hit, as Chaos Mesh counts; None if that is not known."""
        mode, value = self.place["mode"].text(), self.place["value"].text()
        if mode == "one":
            return min(1, replicas)
        if mode == "all":
            return replicas
        if value is None or not value.isdecimal():
            return None
        if mode == "fixed":
            return min(int(value), replicas)
        return math.ceil(replicas * int(value) / 100)


@dataclass(frozen=True)
class Experiment:
    """One fault."""

    kind: str
    """Such as `PodChaos`."""

    spec: Field
    """Its specification."""

    length: Field
    """How long it lasts: its `duration`, or the `deadline` of the workflow step it is."""

    in_workflow: bool = False
    """Whether it is a step of a workflow."""

    @property
    def one_shot(self) -> bool:
        """Whether it is over at once, so that a duration means nothing."""
        return self.kind == "PodChaos" and self.spec["action"].text() in ONE_SHOT

    @property
    def selections(self) -> list[Selection]:
        """The victims, and the other side of a network fault if there is one."""
        if self.kind in WITHOUT_PODS:
            return []
        other = self.spec["target"] if self.kind == "NetworkChaos" else None
        victims = Selection(self.spec)
        return [victims] if other is None or other.missing else [victims, Selection(other)]

    @property
    def victims(self) -> list[Selection]:
        """The selections whose pods lose something.

        The other side of a network fault loses nothing while only what goes to it is touched.
        """
        spared = self.spec["direction"].text() in (None, "to")
        return self.selections[:1] if spared else self.selections

    @property
    def service(self) -> str | None:
        """The service it hits, by the label of its pods."""
        return self.spec["selector"]["labelSelectors"][APP].text()


def replicas_of(resource: Resource, service: str | None) -> int | None:
    """Pods of a service, if a resource says so."""
    annotation = resource["metadata"]["annotations"][REPLICAS].text() or ""
    for entry in annotation.split(","):
        name, _, count = entry.strip().partition("=")
        if name == service and count.isdecimal():
            return int(count)
    return None


def experiments(resource: Resource) -> Iterator[Experiment]:
    """Every fault in a resource."""
    spec = resource["spec"]
    if resource.is_a(*EXPERIMENTS):
        yield Experiment(resource.kind, spec, spec["duration"])
    for schedule in schedules(resource):
        for kind, fault in _embedded(schedule):
            yield Experiment(kind, fault, fault["duration"])
    for workflow in workflows(resource):
        for template in workflow["templates"].items():
            yield from embedded(template)


def embedded(template: Field) -> Iterator[Experiment]:
    """The fault that a step of a workflow is, if it is one."""
    for kind, fault in _embedded(template):
        yield Experiment(kind, fault, template["deadline"], in_workflow=True)


def schedules(resource: Resource) -> Iterator[Field]:
    """Every schedule in a resource: itself, and those that are steps of a workflow."""
    if resource.is_a(SCHEDULE):
        yield resource["spec"]
    for workflow in workflows(resource):
        for template in workflow["templates"].items():
            if _stands(template["schedule"]):
                yield template["schedule"]


def workflows(resource: Resource) -> Iterator[Field]:
    """The workflow that a resource is or starts, if any."""
    if resource.is_a(WORKFLOW):
        yield resource["spec"]
    if resource.is_a(SCHEDULE) and _stands(resource["spec"]["workflow"]):
        yield resource["spec"]["workflow"]


def duration_of(place: Field) -> timedelta | None:
    """The duration at a place; None if there is none, or none that can be read."""
    text = place.text()
    try:
        return None if text is None else parse_duration(text)
    except ValueError:
        return None


def run_length(resource: Resource) -> timedelta | None:
    """How long one run of a Schedule takes at most; None if that cannot be said."""
    for workflow in workflows(resource):
        entry = workflow["entry"].text()
        return None if entry is None else _step_length(workflow, entry, ())
    for experiment in experiments(resource):
        return timedelta(0) if experiment.one_shot else duration_of(experiment.length)
    return None


def _step_length(workflow: Field, name: str, path: tuple[str, ...]) -> timedelta | None:
    template = step(workflow, name)
    if template is None or name in path:
        return None
    own = duration_of(template["deadline"])
    if own is not None or template["templateType"].text() not in ("Serial", "Parallel"):
        return own
    lengths = [
        _step_length(workflow, child, (*path, name)) for child in template["children"].texts()
    ]
    known = [length for length in lengths if length is not None]
    if len(known) < len(lengths):
        return None
    if template["templateType"].text() == "Serial":
        return sum(known, timedelta(0))
    return max(known, default=timedelta(0))


def step(workflow: Field, name: str) -> Field | None:
    """The template of a workflow that has a name."""
    for template in workflow["templates"].items():
        if template["name"].text() == name:
            return template
    return None


def children(template: Field) -> list[str]:
    """The names of the templates that a template leads to."""
    branches = [branch["target"].text() for branch in template["conditionalBranches"].items()]
    return [*template["children"].texts(), *(name for name in branches if name is not None)]


def _embedded(holder: Field) -> Iterator[tuple[str, Field]]:
    for kind, key in CHAOS_EXPERIMENTS.items():
        if _stands(holder[key]):
            yield kind, holder[key]


def _stands(place: Field) -> bool:
    return not place.missing and not place.unknown
