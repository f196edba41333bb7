"""How an object is named to people, and what happens to it."""

from collections.abc import Iterable, Mapping
from typing import Any

from ops.delivery.preview.differences import differences, whole
from ops.delivery.preview.report import Difference, Operation, Step
from vocabulary.labels import MANAGED_BY, NAME, PART_OF

_SAID_ELSEWHERE = ("apiVersion", "kind")
_STANDARD = (MANAGED_BY, NAME, PART_OF)

Inputs = Mapping[str, Any] | None
"""An object as the program declares it; None where it is not there."""

RECORD_OF_RELEASE = ("ConfigMap", "brisa-platform/release")
"""Kind and name of the object that is replaced with every commit, because it names the commit."""


def kind_of(pulumi_type: str) -> str:
    """`kubernetes:apps/v1:Deployment` -> `Deployment`."""
    return pulumi_type.rpartition(":")[2]


def name_of(urn: str, *inputs: Inputs) -> str:
    """`namespace/name`, by the first inputs that say; the Pulumi name of what has none."""
    for side in inputs:
        metadata = (side or {}).get("metadata")
        if isinstance(metadata, Mapping) and metadata.get("name"):
            parts = [metadata.get("namespace"), metadata["name"]]
            return "/".join(str(part) for part in parts if part)
    return urn.rpartition("::")[2]


def _legible(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what its kind and name, or the platform's labels, have said already."""
    shown = {key: value for key, value in inputs.items() if key not in _SAID_ELSEWHERE}
    metadata = shown.get("metadata")
    if isinstance(metadata, Mapping) and isinstance(metadata.get("labels"), Mapping):
        labels = {k: v for k, v in metadata["labels"].items() if k not in _STANDARD}
        shown["metadata"] = {**metadata, "labels": labels}
        if not labels:
            del shown["metadata"]["labels"]
    return shown


def step(
    operation: Operation,
    urn: str,
    pulumi_type: str,
    old: Inputs,
    new: Inputs,
    *,
    paths: Iterable[str] | None = None,
    forced_by: Iterable[str] = (),
    reason: str = "",
) -> Step:
    """What happens to an object; its inputs are redacted.

    With `paths` it differs there, else where the two sides do.
    """
    changes: tuple[Difference, ...] = ()
    if operation == "create":
        changes = whole(_legible(new or {}))
    elif operation != "delete":
        changes = differences(old or {}, new or {}, paths)
    return Step(
        operation=operation,
        kind=kind_of(pulumi_type),
        name=name_of(urn, new, old),
        urn=urn,
        reason=reason,
        forced_by=tuple(forced_by),
        differences=changes,
    )
