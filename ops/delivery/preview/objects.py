"""How objects are named to people, and which of their fields say nothing to them."""

from collections.abc import Mapping
from typing import Any

from vocabulary.labels import MANAGED_BY, NAME, PART_OF

KUBERNETES = "kubernetes:"
COMPONENT = "brisa:"
"""Types of components: they group objects and are none."""

_SAID_ELSEWHERE = ("apiVersion", "kind")
_STANDARD = (MANAGED_BY, NAME, PART_OF)


RECORD_OF_RELEASE = ("ConfigMap", "brisa-platform/release")
"""Kind and name of the object that is replaced with every commit, because it names the commit."""


def kind_of(pulumi_type: str) -> str:
    """`kubernetes:apps/v1:Deployment` -> `Deployment`."""
    return pulumi_type.rpartition(":")[2]


def name_of(urn: str, *inputs: Mapping[str, Any] | None) -> str:
    """`namespace/name`, by the first inputs that say; the Pulumi name of what has none."""
    for side in inputs:
        metadata = (side or {}).get("metadata")
        if isinstance(metadata, Mapping) and metadata.get("name"):
            parts = [metadata.get("namespace"), metadata["name"]]
            return "/".join(str(part) for part in parts if part)
    return urn.rpartition("::")[2]


def legible(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what its kind and name, or the platform's labels, have said already."""
    shown = {key: value for key, value in inputs.items() if key not in _SAID_ELSEWHERE}
    metadata = shown.get("metadata")
    if isinstance(metadata, Mapping) and isinstance(metadata.get("labels"), Mapping):
        labels = {k: v for k, v in metadata["labels"].items() if k not in _STANDARD}
        shown["metadata"] = {**metadata, "labels": labels}
        if not labels:
            del shown["metadata"]["labels"]
    return shown
