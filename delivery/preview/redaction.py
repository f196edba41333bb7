"""Keeps secrets out of what people are shown.

The engine marks what it knows to be secret. The rest is found by where it stands, by its name and
by its shape; what is only suspected is left out as well, because a comment cannot be taken back.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from delivery.preview.assignments import SECRET_NAME, without_values
from vocabulary.kinds import SECRET
from vocabulary.secrets import SHAPES

HIDDEN = "[secret]"
PULUMI_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key of the objects in which the engine wraps secrets, and files, which are hidden as well."""

SECRET_FIELDS = ("data", "stringData")
LONGEST_DOCUMENT = 200_000
"""Characters of a text that is taken apart; a longer one is treated as words."""

_MARKED = re.compile(rf"{PULUMI_SIGNATURE}[^}}]*")
_HEADER = re.compile(r"(?i)((?:authorization|cookie)[\"']?[ \t]*[:=][ \t]*)[^\n]+")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY.*?(-----END [A-Z ]*-----|\Z)", re.DOTALL)
_USERINFO = re.compile(r"://[^/\s@]+@")
_REST = r"[\w./:@%?&=+~-]*"
_SHAPES = re.compile(f"(?:{'|'.join(SHAPES.values())}){_REST}")


def redacted(value: Any) -> Any:
    """An object's inputs, or a part of them, without secrets.

    Documents in texts, such as those in ConfigMaps, are taken apart.
    """
    if isinstance(value, str):
        document = _document(value)
        return text(value) if document is None else redacted(document)
    if isinstance(value, Mapping):
        if PULUMI_SIGNATURE in value:
            return HIDDEN
        secretive = {*_secretive(value)}
        return {
            key: _hidden(entry)
            if key in secretive or SECRET_NAME.search(str(key))
            else redacted(entry)
            for key, entry in value.items()
        }
    if isinstance(value, Sequence):
        return [redacted(entry) for entry in value]
    return value


def text(words: str) -> str:
    """A text without what looks like a secret in it."""
    words = _PRIVATE_KEY.sub(HIDDEN, words)
    words = _USERINFO.sub(f"://{HIDDEN}@", words)
    words = _SHAPES.sub(HIDDEN, words)
    words = _MARKED.sub(HIDDEN, words)
    words = without_values(words, HIDDEN)
    return _HEADER.sub(rf"\1{HIDDEN}", words)


def _secretive(value: Mapping[Any, Any]) -> Sequence[str]:
    """Fields that are secret because of what stands beside them."""
    if value.get("kind") == SECRET.kind:
        return SECRET_FIELDS
    name = value.get("name", value.get("key"))
    return ("value",) if isinstance(name, str) and SECRET_NAME.search(name) else ()


def _hidden(value: Any) -> Any:
    """Nothing of a value but its outermost keys."""
    if isinstance(value, Mapping) and PULUMI_SIGNATURE not in value:
        return dict.fromkeys(value, HIDDEN)
    return value if value is None or isinstance(value, bool) else HIDDEN


def _document(words: str) -> Any:
    """What a text holds when it is JSON or YAML with some structure; None when it is not."""
    if len(words) > LONGEST_DOCUMENT or not (words[:1] in "{[" or "\n" in words):
        return None
    try:
        document = json.loads(words)
    except (ValueError, RecursionError):
        document = _yaml(words)
    return document if isinstance(document, dict | list) and document else None


def _yaml(words: str) -> Any:
    try:
        return yaml.load(words, yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
