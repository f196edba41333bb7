"""What changes inside an object, place by place, from its redacted inputs before and after."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import yaml

from ops.delivery.preview.redaction import HIDDEN
from ops.delivery.preview.report import Difference

LONGEST_VALUE = 300
LONGEST_OBJECT = 4_000
MOST_DIFFERENCES = 100

_STEP = re.compile(r'\["((?:[^"\\]|\\.)+)"\]|\[(\d+)\]|([^.\[\]]+)')
_MISSING = object()
_DIGEST = 12


def differences(
    old: Mapping[str, Any], new: Mapping[str, Any], paths: Iterable[str] | None = None
) -> tuple[Difference, ...]:
    """Where two objects differ.

    Both are redacted; without the engine's paths they are compared.
    """
    if paths is None:
        return tuple(islice(_compared("", old, new), MOST_DIFFERENCES))
    found: list[Difference] = []
    for path in paths:
        before, after = _at(old, path), _at(new, path)
        found += [*_compared(path, before, after)] or [_told(path, before, after)]
    return tuple(found[:MOST_DIFFERENCES])


def whole(new: Mapping[str, Any]) -> tuple[Difference, ...]:
    """A new object, as one difference."""
    return (Difference(path="", new=_cut(_yaml(new), LONGEST_OBJECT)),)


def _compared(path: str, old: Any, new: Any) -> Iterator[Difference]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*old, *(key for key in new if key not in old)]:
            place = _joined(path, str(key))
            yield from _compared(place, old.get(key, _MISSING), new.get(key, _MISSING))
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            sides = (side[index] if index < len(side) else _MISSING for side in (old, new))
            yield from _compared(f"{path}[{index}]", *sides)
    elif old != new:
        yield _told(path, old, new)


def _told(path: str, old: Any, new: Any) -> Difference:
    return Difference(path=path, old=_shown(old), new=_shown(new))


def _joined(path: str, key: str) -> str:
    if re.fullmatch(r"[\w$-]+", key):
        return f"{path}.{key}" if path else key
    return f'{path}["{key}"]'


def _at(value: Any, path: str) -> Any:
    for quoted, index, plain in _STEP.findall(path):
        if value == HIDDEN:
            return HIDDEN
        step: str | int = int(index) if index else quoted or plain
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return value


def _shown(value: Any) -> str | None:
    if value is _MISSING:
        return None
    if isinstance(value, Mapping | list):
        return _cut(_yaml(value), LONGEST_OBJECT)
    if isinstance(value, bool | float | int) or value is None:
        return _yaml(value).removesuffix("\n...")
    return _cut(str(value), LONGEST_VALUE)


def _yaml(value: Any) -> str:
    written: str = yaml.dump(
        value, Dumper=yaml.CSafeDumper, sort_keys=False, width=120, allow_unicode=True
    )
    return written.rstrip()


def _cut(text: str, longest: int) -> str:
    """The beginning of a long text, and enough to tell it from another."""
    if len(text) <= longest:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGEST]
    return f"{text[:longest]}... ({len(text)} characters, sha256 {digest})"
