"""Runs a program against a monitor that writes down every registration; nothing is contacted."""

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

from ops.delivery.preview.redaction import PULUMI_SIGNATURE
from ops.stack import PROJECT

SECRET = "1b47061264138c4ac30d75fd1eb44270"
STACK_TYPE = "pulumi:pulumi:Stack"

_NO_MOCKS: Any = None
"""The monitor answers by itself."""

Program = Callable[[], object]


@dataclass(frozen=True)
class Registered:
    """A resource as the program asked for it."""

    urn: str
    """Identity in the stack."""

    request: resource_pb2.RegisterResourceRequest = field(repr=False)
    """What the program sent."""

    inputs: dict[str, Any]
    """Plain values; a secret shows its value."""

    secrets: frozenset[str]
    """Dotted paths of the inputs that are secret."""

    @property
    def type(self) -> str:
        """Pulumi type."""
        return self.request.type

    @property
    def name(self) -> str:
        """Pulumi name."""
        return self.request.name


def record(
    program: Program,
    *,
    stack: str,
    configuration: Mapping[str, str],
    secrets: tuple[str, ...] = (),
    preview: bool = True,
    monitor: "Monitor | None" = None,
) -> dict[str, Registered]:
    """Run a program as the engine would, and return what it registered, by URN.

    The configuration is by full key, objects as JSON text.
    """
    monitor = monitor or Monitor()

    async def session() -> None:
        reset_options(project=PROJECT, stack=stack, preview=preview)
        mocks.set_mocks(_NO_MOCKS, project=PROJECT, stack=stack, preview=preview, monitor=monitor)
        set_all_config(dict(configuration), list(secrets))
        await run_pulumi_func(lambda: _discard(program))

    contextvars.copy_context().run(asyncio.run, session())
    return monitor.registered


class Monitor(mocks.MockMonitor):
    """Takes down requests and answers with what was asked for."""

    def __init__(self) -> None:
        super().__init__(_NO_MOCKS)
        self.registered: dict[str, Registered] = {}
        self._lock = threading.Lock()

    def RegisterResource(  # noqa: N802 - the protocol's name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Take a registration down."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type != STACK_TYPE:
            with self._lock:
                if urn in self.registered:
                    raise ValueError(f"{urn} is registered twice")
                secret = frozenset(_secret_paths(json_format.MessageToDict(request.object)))
                self.registered[urn] = Registered(urn, request, plain(request.object), secret)
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=request.name if request.custom else "", object=request.object
        )

    def ReadResource(  # noqa: N802
        self, request: resource_pb2.ReadResourceRequest
    ) -> resource_pb2.ReadResourceResponse:
        """Another stack, or an earlier run of this one: there is none."""
        urn = self.make_urn(request.parent, request.type, request.name)
        nothing = struct_pb2.Struct()
        nothing.update({"outputs": {}, "secretOutputNames": []})
        return resource_pb2.ReadResourceResponse(urn=urn, properties=nothing)


def _is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.get(PULUMI_SIGNATURE) == SECRET


def plain(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Values of the protocol as a program wrote them."""

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

    values: dict[str, Any] = strip(json_format.MessageToDict(struct))
    return values


def _secret_paths(value: Any, path: str = "") -> Iterator[str]:
    if _is_secret(value):
        yield path
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from _secret_paths(entry, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for place, entry in enumerate(value):
            yield from _secret_paths(entry, f"{path}[{place}]")


def _discard(program: Program) -> None:
    program()  # what it returns is a component, not something to wait for
