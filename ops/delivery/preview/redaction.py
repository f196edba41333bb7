"""Keeps secrets out of what people are shown.

The engine marks what it knows to be secret, and Secrets hold nothing else. The rest is what
`vocabulary.secrets` calls one, wherever it stands.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from vocabulary import disclosure
from vocabulary.disclosure import (
    HIDDEN,
    document,
    flag_before,
    name_beside,
    name_of,
    without,
)
from vocabulary.kinds import SECRET
from vocabulary.secrets import is_secret

__all__ = ["HIDDEN", "redacted", "text"]

PULUMI_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key of the objects in which the engine wraps secrets, and files, which are hidden as well."""

SECRET_FIELDS = ("data", "stringData")

_MARKED = re.compile(rf"{PULUMI_SIGNATURE}[^}}]*")


def redacted(value: Any, under: str = "") -> Any:
    """An object's inputs, or a part of them, without secrets.

    Documents in texts, such as those in ConfigMaps, are taken apart.
    """
    if isinstance(value, Mapping):
        if PULUMI_SIGNATURE in value:
            return HIDDEN
        is_secret_object, beside = value.get("kind") == SECRET.kind, name_beside(value)
        return {
            key: _outline(entry)
            if is_secret_object and key in SECRET_FIELDS
            else redacted(entry, name_of(str(key), under, beside))
            for key, entry in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [
            redacted(entry, flag_before(value, place) or under) for place, entry in enumerate(value)
        ]
    inner = document(value) if isinstance(value, str) and not is_secret(under, value) else None
    return disclosure.redacted(value, under) if inner is None else redacted(inner)


def text(words: str) -> str:
    """A text without what looks like a secret in it."""
    return without(_MARKED.sub(HIDDEN, words))


def _outline(value: Any) -> Any:
    """Nothing of a value but its outermost keys."""
    if isinstance(value, Mapping) and PULUMI_SIGNATURE not in value:
        return dict.fromkeys(value, HIDDEN)
    return value if value is None else HIDDEN
