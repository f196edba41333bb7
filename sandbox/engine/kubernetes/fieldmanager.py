"""Who owns an object's fields at the API server, and how ownership moves.

Server-side apply keeps a set of fields per manager. Objects are created by POST, under a manager
common to all; their first update moves that ownership to the resource's own manager. Ownership is
what decides whether a field that the program ignores is sent or left out.
"""

import copy
import secrets
from typing import Any, Final

from sandbox.engine.kubernetes import directives, objects, propertypath
from sandbox.engine.kubernetes.checkpoint import FIELD_MANAGER
from sandbox.engine.kubernetes.cluster import CREATE_FIELD_MANAGER
from sandbox.engine.kubernetes.objects import Object
from sandbox.engine.kubernetes.wire import Properties, reveal

_OUR_CLIENT_SIDE_MANAGERS: Final = (
    CREATE_FIELD_MANAGER,
    "pulumi-kubernetes.exe",
    "pulumi-resource-kubernetes",
)
_TAKEN_OVER: Final = (
    ("kubectl", "Apply"),
    ("kubectl", "Update"),
    ("before-first-apply", "Update"),
    *((manager, "Update") for manager in _OUR_CLIENT_SIDE_MANAGERS),
)
"""How the managers begin, and how they write, whose fields the resource's own manager takes over:
`kubectl` stands for `kubectl-patch` and `kubectl-edit` as well."""


def name(state: Properties, inputs: Object, *, server_side: bool) -> str:
    """Return a resource's manager: its annotation's, the one in its state, or a new one."""
    if not server_side:
        return CREATE_FIELD_MANAGER
    wanted = objects.annotations(inputs).get(directives.PATCH_FIELD_MANAGER, "")
    known = reveal(state.get(FIELD_MANAGER))
    return wanted or known or f"{CREATE_FIELD_MANAGER}-{secrets.token_hex(4)}"


def managed(live: Object) -> list[dict[str, Any]]:
    """Return who owns what."""
    return objects.lookup(live, "metadata", "managedFields") or []


def was_created_by_us(live: Object) -> bool:
    """Whether the object still has fields owned by the manager of POST."""
    return any(
        entry.get("manager") in _OUR_CLIENT_SIDE_MANAGERS and entry.get("operation") == "Update"
        for entry in managed(live)
    )


def takeover_patch(live: Object, manager: str) -> list[dict[str, Any]]:
    """Return the JSON patch that moves ownership to ``manager``; empty if there is none to move."""
    entries = copy.deepcopy(managed(live))
    moved = [entry for entry in entries if _is_taken_over(entry)]
    if not moved:
        return []
    kept = [entry for entry in entries if not _is_taken_over(entry)]
    own = next((entry for entry in kept if _is_own(entry, manager)), None)
    if own is None:
        own = moved.pop(0) | {"manager": manager, "operation": "Apply"}
        kept.append(own)
    for entry in moved:
        _merge(own.setdefault("fieldsV1", {}), entry.get("fieldsV1", {}))
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": kept},
        {
            "op": "replace",  # refused if the object changed since
            "path": "/metadata/resourceVersion",
            "value": live["metadata"]["resourceVersion"],
        },
    ]


def _is_taken_over(entry: dict[str, Any]) -> bool:
    return not entry.get("subresource") and any(
        str(entry.get("manager")).startswith(beginning) and entry.get("operation") == operation
        for beginning, operation in _TAKEN_OVER
    )


def _is_own(entry: dict[str, Any], manager: str) -> bool:
    return (
        entry.get("manager") == manager
        and entry.get("operation") == "Apply"
        and not entry.get("subresource")
    )


def _merge(target: dict[str, Any], fields: dict[str, Any]) -> None:
    for key, value in fields.items():
        _merge(target.setdefault(key, {}), value)


def apply_ignored(inputs: Object, live: Object, ignored: list[str], manager: str) -> None:
    """Make sure that ignored fields stay as they are when ``inputs`` are applied.

    A field that only others own is left out, so that nobody's claim changes. Any other is sent with
    its live value, for leaving it out would remove it.
    """
    for text in ignored:
        path = [str(step) for step in propertypath.parse(text)]
        owners = {
            entry.get("manager") == manager
            for entry in managed(live)
            if _owns(entry.get("fieldsV1", {}), path)
        }
        if owners == {False}:
            objects.remove(inputs, *path)
            continue
        value = objects.lookup(live, *path)
        if value is not None:
            objects.assign(inputs, path, copy.deepcopy(value))


def _owns(fields: dict[str, Any], path: list[str]) -> bool:
    for step in path:
        if f"f:{step}" not in fields:
            return False
        fields = fields[f"f:{step}"]
    return True
