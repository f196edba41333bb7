"""What a rule says about a resource, and how values are shown to people."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_policy.proxy import UnknownValueError

LONGEST = 120
_USERINFO = re.compile(r"://[^/\s@]+@")


@dataclass(frozen=True)
class Finding:
    """One place that does not comply."""

    urn: str
    """The resource it is about."""

    path: str
    """Where in the resource, such as `spec.http[0].route`; empty for the resource as a whole."""

    message: str
    """What is there, what is allowed, and what to do."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def show(value: Any) -> str:
    """A value as a person would write it, shortened, and without credentials in URLs."""
    text = _USERINFO.sub("://***@", json.dumps(plain(value), ensure_ascii=False))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def plain(value: Any) -> Any:
    """A value with whole numbers as integers: the engine hands every number over as a float."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_item(value, index) for index in range(len(value))]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _item(container: Any, key: str | int) -> Any:
    try:
        return plain(container[key])
    except UnknownValueError:
        return "(unknown)"
