"""Pieces of ValidatingAdmissionPolicies, as rules write them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from vocabulary.kinds import Kind


@dataclass(frozen=True)
class Validation:
    """One CEL expression that must hold."""

    expression: str
    """In Kubernetes' CEL; `object`, `oldObject`, `request`, `namespaceObject`, `variables.x`."""

    message: str
    """What the API server answers when it does not hold: what is allowed, and what to do."""


@dataclass(frozen=True)
class Reach:
    """Which objects are judged though they are neither the catalogue's nor ours."""

    expression: str
    """In CEL; `variables.catalogue` lists the catalogue's namespaces."""

    words: str
    """The same for people."""


EVERYWHERE = Reach("true", "everywhere")
"""For what nobody may do, whoever it hits."""


@dataclass(frozen=True)
class Check:
    """Validations over some kinds; one ValidatingAdmissionPolicy."""

    kinds: tuple[Kind, ...]
    """Kinds that are judged. Their schemas must all have the fields that the expressions read."""

    validations: tuple[Validation, ...]
    """What must hold."""

    name: str = ""
    """Suffix that tells the policies of one rule apart; empty for a rule's only one."""

    variables: dict[str, str] = field(default_factory=dict)
    """Named sub-expressions, in order of use."""

    operations: tuple[str, ...] = ("CREATE", "UPDATE")
    """Requests that are judged."""

    reach: Reach | None = None
    """Objects elsewhere that are judged too."""

    labels_too: bool = False
    """Whether a change of metadata alone is judged too."""

    labels: dict[str, str] = field(default_factory=dict)
    """Only objects with these labels are judged; none means all."""


def quoted(text: str) -> str:
    """A CEL string literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def listed(texts: Iterable[str]) -> str:
    """A CEL list of string literals."""
    return f"[{', '.join(quoted(text) for text in texts)}]"


def mapped(entries: Mapping[str, str]) -> str:
    """A CEL map from string literals to expressions."""
    return f"{{{', '.join(f'{quoted(key)}: {value}' for key, value in entries.items())}}}"
