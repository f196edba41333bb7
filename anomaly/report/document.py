"""JSON documents: one line, what kind it is, and no number that JSON does not know."""

import json
import math
from collections.abc import Mapping
from typing import Any

VERSION = 1
"""Of all documents; a field that goes or changes its meaning makes it 2, a new field does not."""


def document(kind: str, **fields: Any) -> str:
    """One document on one line, as collectors of logs like it."""
    return json.dumps(plain({"kind": kind, "version": VERSION, **fields}), allow_nan=False)


def plain(value: Any) -> Any:
    """A value of what JSON knows; numbers beyond its range are null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value
