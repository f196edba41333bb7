"""Reading and changing Kubernetes objects, which are plain maps here.

In a preview any value may be unknown, so every accessor tells "absent or not usable" from a value
and none assumes a shape.
"""

from typing import Any, Final

from sandbox.engine.kubernetes.tokens import Gvk
from sandbox.engine.kubernetes.wire import UNKNOWN

Object = dict[str, Any]
"""A Kubernetes object."""

SERVER_METADATA: Final = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
)
"""Metadata that only the API server sets; never an input."""


def lookup(value: Any, *path: str) -> Any:
    """Follow map keys; ``None`` where the path ends early."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def assign(target: Object, path: list[str], value: Any) -> None:
    """Set a nested value, making maps on the way."""
    for key in path[:-1]:
        following = target.get(key)
        if not isinstance(following, dict):
            following = {}
            target[key] = following
        target = following
    target[path[-1]] = value


def remove(target: Object, *path: str) -> None:
    """Remove a nested value if it is there."""
    parent = lookup(target, *path[:-1])
    if isinstance(parent, dict):
        parent.pop(path[-1], None)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def gvk(obj: Object) -> Gvk:
    """Return what kind the object is of."""
    return Gvk.of(_text(obj.get("apiVersion")), _text(obj.get("kind")))


def name(obj: Object) -> str:
    """Return the object's name, empty if it has none."""
    return _text(lookup(obj, "metadata", "name"))


def generate_name(obj: Object) -> str:
    """Return the prefix from which the server shall make a name."""
    return _text(lookup(obj, "metadata", "generateName"))


def namespace(obj: Object) -> str:
    """Return the object's namespace, empty if it has none."""
    return _text(lookup(obj, "metadata", "namespace"))


def set_metadata(obj: Object, key: str, value: str) -> None:
    """Set a metadata field; an empty value removes it, unknown metadata is left alone."""
    metadata = obj.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        return
    if value:
        metadata[key] = value
    else:
        metadata.pop(key, None)


def annotations(obj: Object) -> dict[str, str]:
    """Return the annotations; none while any of them is not known yet."""
    found = lookup(obj, "metadata", "annotations")
    if not isinstance(found, dict) or not all(isinstance(item, str) for item in found.values()):
        return {}
    return found


def annotate(obj: Object, key: str, value: str) -> None:
    """Add an annotation unless metadata or annotations are not known yet."""
    metadata = obj.setdefault("metadata", {})
    if not isinstance(metadata, dict):
        return
    current = metadata.setdefault("annotations", {})
    if isinstance(current, dict):
        current[key] = value


def is_named(obj: Object) -> bool:
    """Whether the object has a name, be it one that is not known yet."""
    return bool(name(obj)) or lookup(obj, "metadata", "name") is UNKNOWN


def is_crd(obj: Object) -> bool:
    """Whether the object defines a custom resource."""
    kind = gvk(obj)
    return kind.group == "apiextensions.k8s.io" and kind.kind == "CustomResourceDefinition"


def is_core(obj: Object, kind: str) -> bool:
    """Whether the object is of this kind of the core group."""
    found = gvk(obj)
    return found.group == "" and found.kind == kind


def identity(obj: Object) -> Object:
    """Return the smallest object that names the same thing."""
    metadata = {"name": name(obj)}
    if namespace(obj):
        metadata["namespace"] = namespace(obj)
    return {"apiVersion": obj.get("apiVersion"), "kind": obj.get("kind"), "metadata": metadata}
