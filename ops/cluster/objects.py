"""Looking into Kubernetes objects, which are plain mappings here. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from ops.documents import Part
from vocabulary.kinds import Kind

Object = dict[str, Any]
"""An object as the API server sends it."""


class Ref(NamedTuple):
    """Which object: what asks for it in every question to a cluster."""

    type: Kind
    namespace: str | None
    name: str

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Ref":
        """The reference of an object."""
        meta = item["metadata"]
        return cls(Kind(item["apiVersion"], item["kind"]), meta.get("namespace"), meta["name"])

    @property
    def kind(self) -> str:
        """Name of its kind."""
        return self.type.kind

    def __str__(self) -> str:
        place = f" in {self.namespace}" if self.namespace else ""
        return f"{self.kind}/{self.name}{place}"


class Named(Part):
    """Something to say about one object."""

    kind: str
    """Its kind."""

    namespace: str | None
    """Its namespace; null for none."""

    name: str
    """Its name."""

    @classmethod
    def of(cls, ref: Ref, **said: Any) -> Self:
        """What there is to say about an object."""
        return cls(kind=ref.kind, namespace=ref.namespace, name=ref.name, **said)

    @property
    def ref(self) -> Ref:
        """Which object, for people."""
        return Ref(Kind("", self.kind), self.namespace, self.name)


class Namespaced(Named):
    """The same, where there is always a namespace."""

    namespace: str
    """Its namespace."""


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


def is_ready(pod: Mapping[str, Any]) -> bool:
    """Whether a pod is ready, and not about to go."""
    return is_true(pod, "Ready") and "deletionTimestamp" not in pod["metadata"]


def owner(item: Mapping[str, Any], kind: str) -> str | None:
    """Name of the owner of that kind."""
    owners = lookup(item, "metadata", "ownerReferences") or ()
    return next((each["name"] for each in owners if each.get("kind") == kind), None)


def matches(selector: Mapping[str, str] | None, wanted: Mapping[str, str]) -> bool:
    """Whether all pairs of a label selector are among the labels."""
    return all(wanted.get(key) == value for key, value in (selector or {}).items())


def pairs(selector: Mapping[str, str]) -> str:
    """A selector as it is written."""
    return ",".join(f"{key}={value}" for key, value in selector.items())


def owning(item: Mapping[str, Any], *path: str) -> Iterator[Mapping[str, Any]]:
    """The entries of `managedFields` that own a field."""
    *above, field = (f"f:{step}" for step in path)
    for entry in item["metadata"].get("managedFields", ()):
        if field in (lookup(entry, "fieldsV1", *above) or {}):
            yield entry


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
