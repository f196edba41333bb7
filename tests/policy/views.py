"""Resources as the engine hands them to a policy: through the SDK's own proxies."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import yaml
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from policy.resources import Resource, Stack

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
STEP = re.compile(r'\["([^"]+)"\]|\[(\d+)\]|([^.\[\]]+)')
GONE = object()

Manifest = dict[str, Any]


def proxied(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """Through protobuf and the SDK, as `Analyze` does it."""
    struct = ParseDict(manifest, Struct())
    return unknown_checking_proxy(deserialize_properties(MessageToDict(struct)))


def view(
    manifest: Manifest, stack: str = "prod", provider: str | None = "cluster", number: int = 0
) -> Resource:
    """One resource as a rule sees it."""
    api_version = manifest["apiVersion"]
    api_version = api_version if "/" in api_version else f"core/{api_version}"
    kind = f"kubernetes:{api_version}:{manifest['kind']}"
    name = f"object-{number}"
    urn = f"urn:pulumi:{stack}::brisa-platform::{kind}::{name}"
    return Resource(kind, name, urn, proxied(manifest), NOW, provider)


def stack_view(manifests: list[Manifest], stack: str = "prod") -> Stack:
    """A whole stack as a rule sees it."""
    views = (view(manifest, stack, number=n) for n, manifest in enumerate(manifests))
    return Stack(tuple(views), NOW)


def load(text: str) -> list[Manifest]:
    """The objects of a YAML text."""
    return [document for document in yaml.load_all(text, yaml.CSafeLoader) if document]


def steps(path: str) -> list[str | int]:
    """The keys and indexes of a path as findings write it."""
    return [int(index) if index else quoted or plain for quoted, index, plain in STEP.findall(path)]


def edited(manifests: list[Manifest], changes: Mapping[str, Any]) -> list[Manifest]:
    """A copy with some places changed; `1:spec.host` means the second object.

    A value of `GONE` removes the place.
    """
    copies = deepcopy(manifests)
    for address, value in changes.items():
        number, _, path = address.rpartition(":") if address[0].isdigit() else ("0", "", address)
        *holders, last = steps(path)
        place: Any = copies[int(number)]
        for step in holders:
            place = place[step] if isinstance(step, int) else place.setdefault(step, {})
        if value is GONE:
            del place[last]
        elif isinstance(place, list) and last == len(place):
            place.append(deepcopy(value))
        else:
            place[last] = deepcopy(value)
    return copies


def with_one_unknown(manifests: list[Manifest]) -> Iterator[tuple[str, list[Manifest]]]:
    """Every variant in which one place is not known yet."""
    for number, manifest in enumerate(manifests):
        for key, value in manifest.items():
            if key not in ("apiVersion", "kind"):
                for path in _places(value, (key,)):
                    copies = deepcopy(manifests)
                    place: Any = copies[number]
                    for step in path[:-1]:
                        place = place[step]
                    place[path[-1]] = UNKNOWN_STRING_VALUE
                    yield f"{number}:{path}", copies


def _places(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _places(child, (*path, key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _places(child, (*path, index))
