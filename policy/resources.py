"""What a rule sees of a resource: fields that know their path and survive unknown values.

The engine hands properties over as proxies: mappings and sequences that are no dict and no list,
every number a float, and an exception wherever a value is not known before `up`. A `Field` hides
that. Reading an unknown value yields None and takes a note; whoever runs the rule must then say
that the rule could not judge everything, so an unknown is never a silent pass.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pulumi_policy.proxy import UnknownValueError

from policy.findings import Finding, show
from vocabulary.kinds import Kind

KUBERNETES = "kubernetes:"


@dataclass
class Notes:
    """What came up while a rule was reading."""

    unknown: UnknownValueError | None = None
    """The first value that was needed and is not known yet."""

    malformed: dict[str, Finding] = field(default_factory=dict)
    """Values of a type that no rule can judge, by path."""


class Field:
    """A place in a resource; it exists even where the resource has nothing there."""

    def __init__(self, resource: "Resource", path: str, raw: Any) -> None:
        self.resource = resource
        self.path = path
        self._raw = raw

    def __getitem__(self, key: str | int) -> "Field":
        if isinstance(key, int):
            return Field(self.resource, f"{self.path}[{key}]", self._child(key, Sequence))
        name = f"[{show(key)}]" if "." in key or "/" in key else f".{key}"
        path = f"{self.path}{name}" if self.path else key
        return Field(self.resource, path, self._child(key, Mapping))

    def _child(self, key: str | int, container: type[Any]) -> Any:
        raw: Any = self._raw
        if raw is None or self.unknown:
            return raw
        if not isinstance(raw, container) or isinstance(raw, str):
            self._malformed("a list" if container is Sequence else "an object")
            return None
        try:
            return raw[key]
        except UnknownValueError as unknown:
            return unknown
        except (KeyError, IndexError):
            return None

    @property
    def missing(self) -> bool:
        """Whether nothing is there; an unknown value is something."""
        return self._raw is None

    @property
    def empty(self) -> bool:
        """Whether nothing, or a list or object of nothing, is there."""
        return self.missing or (isinstance(self._raw, Mapping | Sequence) and not self._raw)

    @property
    def absent(self) -> bool:
        """Like `missing`, for where an unknown value could be the one that decides."""
        return not self.unknown and self.missing

    @property
    def unknown(self) -> bool:
        """Whether the value is there but not known yet; asking takes a note of it."""
        if not isinstance(self._raw, UnknownValueError):
            return False
        self.resource.notes.unknown = self.resource.notes.unknown or self._raw
        return True

    def text(self) -> str | None:
        """The string; None if there is none or it is not known yet."""
        text: str | None = self._read(str, "a string")
        return text

    def number(self) -> float | None:
        """The number; None if there is none or it is not known yet."""
        number: float | None = self._read((int, float), "a number")
        return number

    def flag(self) -> bool | None:
        """The boolean; None if there is none or it is not known yet."""
        flag: bool | None = self._read(bool, "true or false")
        return flag

    def items(self) -> list["Field"]:
        """The elements of a list; none if there is no list or it is not known yet."""
        elements = self._read(Sequence, "a list")
        return [self[index] for index in range(len(elements))] if elements else []

    def entries(self) -> Iterator[tuple[str, "Field"]]:
        """Keys and values of an object; none if there is no object or it is not known yet."""
        for key in self._read(Mapping, "an object") or ():
            yield key, self[key]

    def texts(self) -> list[str]:
        """The known strings of a list."""
        return [text for item in self.items() if (text := item.text()) is not None]

    def known(self) -> Any:
        """What is there, as plain objects and lists; None in place of what is not known yet."""
        if isinstance(self._raw, Mapping):
            return {key: self[key].known() for key in self._raw}
        if isinstance(self._raw, Sequence) and not isinstance(self._raw, str):
            return [item.known() for item in self.items()]
        return None if self.unknown else self._raw

    def finding(self, message: str) -> Finding:
        """A finding about this place."""
        return Finding(self.resource.urn, self.path, message)

    def __str__(self) -> str:
        """The value for a message."""
        if self._raw is None:
            return "nothing"
        return "an unknown value" if isinstance(self._raw, UnknownValueError) else show(self._raw)

    def _read(self, kind: type | tuple[type, ...], expected: str) -> Any:
        if self._raw is None or self.unknown:
            return None
        is_flag = isinstance(self._raw, bool) and kind is not bool
        is_string = isinstance(self._raw, str) and kind is not str
        if is_flag or is_string or not isinstance(self._raw, kind):
            return self._malformed(expected)
        return self._raw

    def _malformed(self, expected: str) -> None:
        finding = self.finding(f"{self} is not {expected}; write {expected}")
        self.resource.notes.malformed[self.path] = finding


@dataclass(frozen=True)
class Resource:
    """A resource of the stack, before (`Analyze`) or after (`AnalyzeStack`) it is created."""

    type: str
    """Pulumi type, such as `kubernetes:batch/v1:CronJob`."""

    name: str
    """Pulumi name."""

    urn: str
    """Identity in the stack."""

    props: Mapping[str, Any]
    """Properties as the engine hands them over."""

    moment: datetime
    """When the check is made; rules about time ask nothing else."""

    provider: str | None = None
    """Name of the provider resource that serves it, if any."""

    notes: Notes = field(default_factory=Notes, compare=False)
    """What came up while reading."""

    @property
    def api_version(self) -> str:
        """Kubernetes API version by the Pulumi type; empty for what is no Kubernetes object."""
        if not self.type.startswith(KUBERNETES):
            return ""
        return self.type.split(":")[1].removeprefix("core/")

    @property
    def kind(self) -> str:
        """Kubernetes kind, or the last part of any other Pulumi type."""
        return self.type.rpartition(":")[2]

    @property
    def stack(self) -> str:
        """Name of the Pulumi stack."""
        return self.urn.split("::")[0].rpartition(":")[2]

    def is_a(self, *kinds: Kind) -> bool:
        """Whether it is one of these kinds, in whatever API version."""
        group = self.api_version.rpartition("/")[0]
        return bool(self.api_version) and (group, self.kind) in {(k.group, k.kind) for k in kinds}

    def __getitem__(self, key: str) -> Field:
        return Field(self, "", self.props)[key]

    @property
    def namespace(self) -> str | None:
        """`metadata.namespace`, if it is known."""
        return self["metadata"]["namespace"].text()

    @property
    def object_name(self) -> str | None:
        """`metadata.name`, if it is known."""
        return self["metadata"]["name"].text()

    @property
    def reference(self) -> str:
        """How people name it: `Kind/namespace/name`, without a namespace where there is none."""
        parts = [self.kind, self.namespace, self.object_name or self.name]
        return "/".join(part for part in parts if part)


@dataclass(frozen=True)
class Stack:
    """All resources of a stack."""

    resources: tuple[Resource, ...]
    """In the order of their creation."""

    moment: datetime
    """When the check is made."""

    def unclear(self, *kinds: Kind) -> bool:
        """Whether something that was read of some kinds is not known yet.

        Who has not found what must be there cannot say so then.
        """
        return any(resource.notes.unknown for resource in self.of(*kinds))

    def of(self, *kinds: Kind) -> list[Resource]:
        """The resources of some kinds."""
        return [resource for resource in self.resources if resource.is_a(*kinds)]
