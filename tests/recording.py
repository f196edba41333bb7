"""Runs a program against a monitor that records every registration, as a graph to ask."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ops.delivery.rendering import recording
from ops.delivery.rendering.recording import Program, plain, record
from ops.stack import PROJECT
from vocabulary.kinds import Kind

__all__ = ["PROJECT", "Graph", "Registered", "deploy"]


@dataclass(frozen=True)
class Registered(recording.Registered):
    """A resource as a test asks about it."""

    outputs: dict[str, Any] = field(default_factory=dict)
    """Of a component: what it registered."""

    @property
    def spec(self) -> dict[str, Any]:
        """The object's `spec`."""
        return self.inputs["spec"]

    @property
    def metadata(self) -> dict[str, Any]:
        """The object's `metadata`."""
        return self.inputs["metadata"]

    @property
    def where(self) -> tuple[str | None, str]:
        """Namespace and name of the object."""
        return self.metadata.get("namespace"), self.metadata["name"]

    @property
    def parent(self) -> str:
        """URN of the parent."""
        return self.request.parent

    @property
    def dependencies(self) -> frozenset[str]:
        """URNs of what it comes after."""
        return frozenset(self.request.dependencies)

    @property
    def ignore_changes(self) -> tuple[str, ...]:
        """Paths whose changes are left alone."""
        return tuple(self.request.ignoreChanges)

    @property
    def timeouts(self) -> dict[str, str]:
        """Custom timeouts by operation."""
        return {field.name: value for field, value in self.request.customTimeouts.ListFields()}


class Monitor(recording.Monitor):
    """Takes down what components register as well."""

    def __init__(self) -> None:
        super().__init__()
        self.outputs: dict[str, dict[str, Any]] = {}
        self._outputs_lock = threading.Lock()

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the protocol's name
        with self._outputs_lock:
            self.outputs[request.urn] = plain(request.outputs)
        return super().RegisterResourceOutputs(request)


class Graph:
    """Everything that a program registered."""

    def __init__(self, registered: dict[str, Registered]) -> None:
        self.registered = registered

    def __iter__(self) -> Iterator[Registered]:
        return iter(self.registered.values())

    def all(self, wanted: Kind | str) -> list[Registered]:
        """The resources of a kind or a Pulumi type, in the order of their names."""
        token = wanted if isinstance(wanted, str) else wanted.token
        found = [item for item in self if item.type == token]
        return sorted(found, key=lambda item: item.name)

    def one(self, wanted: Kind | str, name: str | None = None) -> Registered:
        """The only resource of a kind or type, or the only one whose object has this name."""
        (found,) = [
            item for item in self.all(wanted) if name is None or item.metadata["name"] == name
        ]
        return found

    @property
    def objects(self) -> list[Registered]:
        """Everything but components."""
        return [item for item in self if item.type.startswith("kubernetes:")]

    def waits(self, later: Registered, earlier: Registered) -> bool:
        """Whether `later` is created after `earlier`, and destroyed before it."""
        seen: set[str] = set()
        frontier = [later.urn]
        while frontier:
            item = self.registered.get(frontier.pop())
            for urn in {item.parent, *item.dependencies} - seen if item else ():
                seen.add(urn)
                frontier.append(urn)
        return earlier.urn in seen


def deploy(
    program: Program,
    *,
    stack: str = "test",
    configuration: Mapping[str, str] | None = None,
    secrets: tuple[str, ...] = (),
    preview: bool = False,
) -> Graph:
    """Run a program in an engine of its own and return what it registered."""
    monitor = Monitor()
    found = record(
        program,
        stack=stack,
        configuration=configuration or {},
        secrets=secrets,
        preview=preview,
        monitor=monitor,
    )
    return Graph(
        {
            urn: Registered(**vars(each), outputs=monitor.outputs.get(urn, {}))
            for urn, each in found.items()
        }
    )
