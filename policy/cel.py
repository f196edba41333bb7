"""Pieces of ValidatingAdmissionPolicies, as rules write them."""

from collections.abc import Iterable
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

    labels: dict[str, str] = field(default_factory=dict)
    """Only objects with these labels are judged; none means all."""


def quoted(text: str) -> str:
    """A CEL string literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def listed(texts: Iterable[str]) -> str:
    """A CEL list of string literals."""
    return f"[{', '.join(quoted(text) for text in texts)}]"
