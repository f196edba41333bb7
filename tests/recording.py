"""Runs a program against a monitor that records every registration, as a graph to ask."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import mocks, set_all_config
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import reset_options
from pulumi.runtime.stack import run_pulumi_func

from vocabulary.kinds import Kind

PROJECT = "brisa-platform"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"


@dataclass(frozen=True)
class Registered:
    """A resource as the program asked for it."""

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    """Plain values; a secret shows its value."""
    secrets: frozenset[str]
    """Dotted paths of the inputs that are secret."""
    parent: str
    dependencies: frozenset[str]
    ignore_changes: tuple[str, ...]
    timeouts: dict[str, str]
    outputs: dict[str, Any] = field(default_factory=dict)
    """Of a component: what it registered."""

    @property
    def spec(self) -> dict[str, Any]:
        return self.inputs["spec"]

    @property
    def metadata(self) -> dict[str, Any]:
        return self.inputs["metadata"]

    @property
    def where(self) -> tuple[str | None, str]:
        """Namespace and name of the object."""
        return self.metadata.get("namespace"), self.metadata["name"]


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


class _Monitor(mocks.MockMonitor):
    """Takes down requests and answers with what was asked for."""

    def __init__(self) -> None:
        super().__init__(mocks=None)
        self.registered: dict[str, Registered] = {}
        self.outputs: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def RegisterResource(self, request):  # noqa: N802
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type != "pulumi:pulumi:Stack":
            with self._lock:
                assert urn not in self.registered, f"{urn} is registered twice"
                self.registered[urn] = _registered(urn, request)
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=request.name if request.custom else "", object=request.object
        )

    def RegisterResourceOutputs(self, request):  # noqa: N802
        with self._lock:
            self.outputs[request.urn] = _plain(request.outputs)
        return super().RegisterResourceOutputs(request)

    def graph(self) -> Graph:
        for urn, values in self.outputs.items():
            if urn in self.registered:
                self.registered[urn].outputs.update(values)
        return Graph(self.registered)


def _registered(urn: str, request: resource_pb2.RegisterResourceRequest) -> Registered:
    timeouts = request.customTimeouts
    return Registered(
        urn=urn,
        type=request.type,
        name=request.name,
        inputs=_plain(request.object),
        secrets=frozenset(_secret_paths(_mapping(request.object))),
        parent=request.parent,
        dependencies=frozenset(request.dependencies),
        ignore_changes=tuple(request.ignoreChanges),
        timeouts={
            key: value
            for key in ("create", "update", "delete")
            if (value := getattr(timeouts, key))
        },
    )


def _mapping(struct: struct_pb2.Struct) -> dict[str, Any]:
    return json_format.MessageToDict(struct)


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.get(SIGNATURE) == SECRET


def _plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    def strip(value: Any) -> Any:
        if _is_secret(value):
            return strip(value["value"])
        if isinstance(value, dict):
            return {key: strip(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [strip(entry) for entry in value]
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value

    return strip(_mapping(struct))


def _secret_paths(value: Any, path: str = "") -> Iterator[str]:
    if _is_secret(value):
        yield path
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _secret_paths(entry, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for place, entry in enumerate(value):
            yield from _secret_paths(entry, f"{path}[{place}]")


Program = Callable[[], object]


def deploy(
    program: Program,
    *,
    stack: str = "test",
    configuration: Mapping[str, str] | None = None,
    secrets: tuple[str, ...] = (),
    preview: bool = False,
) -> Graph:
    """Run a program in an engine of its own and return what it registered."""
    monitor = _Monitor()

    async def session() -> None:
        reset_options(project=PROJECT, stack=stack, preview=preview)
        mocks.set_mocks(None, project=PROJECT, stack=stack, preview=preview, monitor=monitor)
        set_all_config(dict(configuration or {}), list(secrets))
        await run_pulumi_func(lambda: _discard(program))

    contextvars.copy_context().run(asyncio.run, session())
    return monitor.graph()


def _discard(program: Program) -> None:
    program()  # what it returns is a component, not something to wait for
