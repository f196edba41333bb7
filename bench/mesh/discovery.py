"""A client that asks istiod as a sidecar's Envoy does: aggregated discovery, state of the world.

Its messages are described here, in the few fields that are read; the rest is passed over.
"""

import queue
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory, struct_pb2

_METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
_TYPES = "type.googleapis.com/envoy.config."
CLUSTERS = f"{_TYPES}cluster.v3.Cluster"
ENDPOINTS = f"{_TYPES}endpoint.v3.ClusterLoadAssignment"
LISTENERS = f"{_TYPES}listener.v3.Listener"
ROUTES = f"{_TYPES}route.v3.RouteConfiguration"
_PATIENCE_SECONDS = 120.0
_LARGEST = 256 * 1024 * 1024

_TEXT, _MESSAGE = (
    descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
    descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE,
)


def _message(
    name: str, *fields: tuple[str, int, str | None, bool]
) -> descriptor_pb2.DescriptorProto:
    made = descriptor_pb2.DescriptorProto(name=name)
    for key, number, type_name, repeated in fields:
        made.field.add(
            name=key,
            number=number,
            type=_MESSAGE if type_name else _TEXT,
            type_name=type_name,
            label=3 if repeated else 1,
        )
    return made


def _classes() -> tuple[Any, Any, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="bench.proto", package="bench", syntax="proto3")
    file.dependency.extend(("google/protobuf/any.proto", "google/protobuf/struct.proto"))
    file.message_type.extend(
        (
            _message(
                "Node",
                ("id", 1, None, False),
                ("cluster", 2, None, False),
                ("metadata", 3, ".google.protobuf.Struct", False),
            ),
            _message(
                "Request",
                ("version_info", 1, None, False),
                ("node", 2, ".bench.Node", False),
                ("resource_names", 3, None, True),
                ("type_url", 4, None, False),
                ("response_nonce", 5, None, False),
            ),
            _message(
                "Response",
                ("version_info", 1, None, False),
                ("resources", 2, ".google.protobuf.Any", True),
                ("type_url", 4, None, False),
                ("nonce", 5, None, False),
            ),
        )
    )
    pool = descriptor_pool.DescriptorPool()
    for needed in (any_pb2.DESCRIPTOR, struct_pb2.DESCRIPTOR):
        pool.AddSerializedFile(needed.serialized_pb)
    pool.Add(file)
    found = (
        pool.FindMessageTypeByName(f"bench.{name}") for name in ("Node", "Request", "Response")
    )
    node, request, response = (message_factory.GetMessageClass(each) for each in found)
    return node, request, response


_NODE, _REQUEST, _RESPONSE = _classes()


@dataclass(frozen=True)
class Answer:
    """What istiod sent of one kind."""

    type: str
    """Kind of configuration."""

    size: int
    """Bytes."""

    names: tuple[str, ...]
    """Names of clusters; of other kinds, how many there are is all that counts."""

    at: float
    """When it came, on the monotonic clock."""


class Proxy:
    """A sidecar of one namespace, connected to istiod; nothing is asked yet."""

    def __init__(self, channel: grpc.Channel, namespace: str, address: str) -> None:
        self._requests: queue.Queue[Any] = queue.Queue()
        self._names: dict[str, Sequence[str]] = {}
        metadata = struct_pb2.Struct()
        metadata.update(
            {
                "NAMESPACE": namespace,
                "CLUSTER_ID": "Kubernetes",
                "ISTIO_VERSION": "1.31.1",
                "LABELS": {"app": "bench"},
            }
        )
        node = _NODE(id=f"sidecar~{address}~bench.{namespace}~{namespace}.svc.cluster.local")
        node.metadata.ParseFromString(metadata.SerializeToString())
        stream = channel.stream_stream(
            _METHOD,
            request_serializer=_REQUEST.SerializeToString,
            response_deserializer=_RESPONSE.FromString,
        )
        self._answers = stream(self._outgoing(node))

    def ask(self, kind: str, names: Sequence[str] = ()) -> Answer:
        """Subscribe to a kind of configuration; returns the first answer."""
        self._names[kind] = names
        self._requests.put(_REQUEST(type_url=kind, resource_names=names))
        return self.next(kind)

    def next(self, kind: str) -> Answer:
        """The next answer of a kind; others are acknowledged and passed over."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            response = next(self._answers)
            self._requests.put(
                _REQUEST(
                    type_url=response.type_url,
                    version_info=response.version_info,
                    response_nonce=response.nonce,
                    resource_names=self._names.get(response.type_url, ()),
                )
            )
            if response.type_url == kind:
                return _answer(response)
        raise TimeoutError(f"istiod sent no {kind}")

    def close(self) -> None:
        """End the stream."""
        self._answers.cancel()

    def _outgoing(self, node: Any) -> Iterator[Any]:
        first = self._requests.get()
        first.node.CopyFrom(node)
        yield first
        while True:
            yield self._requests.get()


def _answer(response: Any) -> Answer:
    names: tuple[str, ...] = ()
    if response.type_url == CLUSTERS:
        names = tuple(_first_text(each.value) for each in response.resources)
    size = sum(len(each.value) for each in response.resources)
    return Answer(response.type_url, size, names, time.monotonic())


def _first_text(message: bytes) -> str:
    """Field 1, which is the name in all of these: written first, and shorter than 128 bytes."""
    return message[2 : 2 + message[1]].decode()


def open_channel(address: str) -> grpc.Channel:
    """A channel that takes configuration of any size."""
    return grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", _LARGEST)])
