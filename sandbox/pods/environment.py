"""The environment variables of a container, and their use in its command."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.errors import PodError
from sandbox.pods.job import Job
from sandbox.pods.objects import Object, Objects
from sandbox.pods.volumes import entries

_REFERENCE = re.compile(r"\$(?:\$|\(([\w.-]+)\))", re.ASCII)
_KINDS = {"configMap": "ConfigMap", "secret": "Secret"}
_FIELD_ENTRY = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")
_LOOPBACK = "127.0.0.1"


def environment(job: Job, index: int | None, objects: Objects) -> dict[str, str]:
    """All variables that Kubernetes would set.

    Raises:
        PodError: when one refers to something that is not there, or cannot be known here.
    """
    variables = job.given_environment(index)
    for source in job.container.get("envFrom", ()):
        variables |= _all_of(job, source, objects)
    for entry in job.container.get("env", ()):
        value = _value(job, index, entry, objects)
        if value is not None:
            variables[entry["name"]] = expand(value, variables)
    return variables


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Put variables in where `$(NAME)` stands; `$$` is one dollar, unknown names stay."""

    def put(found: re.Match[str]) -> str:
        return variables.get(found[1], found[0]) if found[1] else "$"

    return _REFERENCE.sub(put, text)


def _all_of(job: Job, source: Object, objects: Objects) -> dict[str, str]:
    prefix = source.get("prefix", "")
    for key, kind in _KINDS.items():
        reference = source.get(f"{key}Ref")
        if reference is not None:
            held = _held(job, kind, reference, objects)
            return {f"{prefix}{name}": _text(value) for name, value in held.items()}
    raise PodError(f"envFrom {', '.join(source)} is not known here")


def _value(job: Job, index: int | None, entry: Object, objects: Objects) -> str | None:
    """Value of one variable; None when it is optional and not there."""
    source = entry.get("valueFrom")
    if source is None:
        return str(entry.get("value", ""))
    if "fieldRef" in source:
        return _field(job, index, source["fieldRef"]["fieldPath"])
    for key, kind in _KINDS.items():
        reference = source.get(f"{key}KeyRef")
        if reference is not None:
            return _entry(job, kind, reference, objects)
    raise PodError(f"{entry['name']} comes from {', '.join(source)}, which is not known here")


def _entry(job: Job, kind: str, reference: Object, objects: Objects) -> str | None:
    held = _held(job, kind, reference, objects)
    value = held.get(reference["key"])
    if value is None and not reference.get("optional"):
        raise PodError(
            f"{kind} {reference['name']} has no entry {reference['key']}, which the pod needs"
        )
    return None if value is None else _text(value)


def _held(job: Job, kind: str, reference: Object, objects: Objects) -> Mapping[str, bytes]:
    held = entries(kind, job.namespace, reference["name"], objects)
    if held is None and not reference.get("optional"):
        raise PodError(f"the pod needs {kind} {reference['name']}, which does not exist")
    return held or {}


def _text(value: bytes) -> str:
    return value.decode(errors="surrogateescape")


def _field(job: Job, index: int | None, path: str) -> str:
    """A field of the pod itself."""
    known: dict[str, Callable[[], Any]] = {
        "metadata.name": lambda: job.pod_name(index),
        "metadata.namespace": lambda: job.namespace,
        "spec.serviceAccountName": lambda: job.spec.get("serviceAccountName", "default"),
        "status.hostIP": lambda: _LOOPBACK,
        "status.podIP": lambda: _LOOPBACK,
    }
    if path in known:
        return str(known[path]())
    entry = _FIELD_ENTRY.fullmatch(path)
    if entry is None:
        raise PodError(f"the pod's field {path} is not known here")
    return str((job.labels if entry[1] == "labels" else job.annotations).get(entry[2], ""))
