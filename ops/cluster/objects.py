"""Looking into Kubernetes objects, which are plain mappings here. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

Object = dict[str, Any]
"""An object as the API server sends it."""


@dataclass(frozen=True, order=True)
class Ref:
    """Which object: kind, namespace and name."""

    kind: str
    namespace: str | None
    name: str

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Ref":
        """The reference of an object."""
        meta = item["metadata"]
        return cls(item["kind"], meta.get("namespace"), meta["name"])

    def __str__(self) -> str:
        place = f" in {self.namespace}" if self.namespace else ""
        return f"{self.kind}/{self.name}{place}"


def lookup(item: Any, *path: str | int) -> Any:
    """What lies at a path, or None where it ends early."""
    for step in path:
        if isinstance(item, Mapping):
            item = item.get(step)
        elif isinstance(item, Sequence) and isinstance(step, int) and step < len(item):
            item = item[step]
        else:
            return None
    return item


def annotations(item: Mapping[str, Any]) -> Mapping[str, str]:
    """The annotations; empty where there are none."""
    return lookup(item, "metadata", "annotations") or {}


def labels(item: Mapping[str, Any]) -> Mapping[str, str]:
    """The labels; empty where there are none."""
    return lookup(item, "metadata", "labels") or {}


def condition(item: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """The condition of a type; empty where there is none."""
    found = lookup(item, "status", "conditions") or ()
    return next((each for each in found if each.get("type") == kind), {})


def is_true(item: Mapping[str, Any], kind: str) -> bool:
    """Whether a condition is there and true."""
    return condition(item, kind).get("status") == "True"


def owner(item: Mapping[str, Any], kind: str) -> str | None:
    """Name of the owner of that kind."""
    owners = lookup(item, "metadata", "ownerReferences") or ()
    return next((each["name"] for each in owners if each.get("kind") == kind), None)


def matches(selector: Mapping[str, str] | None, wanted: Mapping[str, str]) -> bool:
    """Whether all pairs of a label selector are among the labels."""
    return all(wanted.get(key) == value for key, value in (selector or {}).items())


def service_of(url: str) -> tuple[str, str] | None:
    """Namespace and name of the Service that an address leads to; None for one elsewhere."""
    name, *rest = (urlsplit(url).hostname or "").split(".")
    return (rest[0], name) if len(rest) == 1 or rest[1:2] == ["svc"] else None


def parse_time(text: str | None) -> datetime | None:
    """A moment as Kubernetes writes it; None for none and for what is no moment."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def format_time(moment: datetime) -> str:
    """A moment as Kubernetes writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
