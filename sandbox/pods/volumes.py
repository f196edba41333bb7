"""The volumes of a pod, and what lies in them when it starts."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.errors import PodError
from sandbox.pods.objects import Object, Objects

_READABLE: Final = 0o644
"""Kubernetes' own default."""


@dataclass(frozen=True)
class File:
    """A file of a volume."""

    content: bytes
    mode: int


@dataclass(frozen=True)
class Volume:
    """A folder that a pod mounts."""

    files: Mapping[str, File]
    """By their path in the volume."""
    claim: str | None = None
    """The PersistentVolumeClaim that keeps what the pod writes; None when it goes with the pod."""


def volumes(namespace: str, pod: Object, objects: Objects) -> dict[str, Volume]:
    """All volumes of a pod, by name.

    Raises:
        PodError: when a volume is of a kind that a plain process cannot have, or refers to
            something that is not there.
    """
    return {
        volume["name"]: _volume(namespace, volume, objects) for volume in pod.get("volumes", ())
    }


def entries(kind: str, namespace: str, name: str, objects: Objects) -> dict[str, bytes] | None:
    """What a ConfigMap or Secret holds; None when there is no such."""
    found = objects.get(kind, namespace, name)
    if found is None:
        return None
    if kind == "Secret":
        return {key: base64.b64decode(text) for key, text in found.get("data", {}).items()}
    binary = {key: base64.b64decode(text) for key, text in found.get("binaryData", {}).items()}
    return {key: text.encode() for key, text in found.get("data", {}).items()} | binary


def _volume(namespace: str, volume: Object, objects: Objects) -> Volume:
    ((kind, source),) = [(key, value) for key, value in volume.items() if key != "name"]
    if kind == "emptyDir":
        return Volume({})
    if kind == "persistentVolumeClaim":
        claim = source["claimName"]
        if objects.get("PersistentVolumeClaim", namespace, claim) is None:
            raise PodError(f"the pod mounts PersistentVolumeClaim {claim}, which does not exist")
        return Volume({}, claim)
    if kind == "projected":
        mode = source.get("defaultMode", _READABLE)
        files: dict[str, File] = {}
        for part in source.get("sources", ()):
            ((inner, reference),) = part.items()
            files |= _files(namespace, inner, {"defaultMode": mode, **reference}, objects)
        return Volume(files)
    return Volume(dict(_files(namespace, kind, source, objects)))


def _files(namespace: str, kind: str, source: Object, objects: Objects) -> dict[str, File]:
    kinds = {"configMap": "ConfigMap", "secret": "Secret"}
    if kind not in kinds:
        raise PodError(f"{kind} volumes are not for a plain process; the pod has one")
    name = source.get("name") or source["secretName"]
    held = entries(kinds[kind], namespace, name, objects)
    if held is None:
        if source.get("optional"):
            return {}
        raise PodError(f"the pod mounts {kinds[kind]} {name}, which does not exist")
    return dict(_chosen(f"{kinds[kind]} {name}", held, source))


def _chosen(what: str, held: Mapping[str, bytes], source: Object) -> Iterator[tuple[str, File]]:
    """The entries that are mounted: those that are listed, else all of them."""
    mode = source.get("defaultMode", _READABLE)
    everything: list[Object] = [{"key": key, "path": key} for key in held]
    for item in source.get("items") or everything:
        if item["key"] in held:
            yield item["path"], File(held[item["key"]], item.get("mode", mode))
        elif not source.get("optional"):
            raise PodError(f"{what} has no entry {item['key']}, which the pod mounts")
