"""JSON merge patches (RFC 7386): how one document becomes another.

A missing key is ``None`` in the patch, lists are replaced as a whole. An unknown value stands in
the patch as the placeholder map that the official plugin's serialisation gives it, so that both
plugins come to the same detailed diff.
"""

from typing import Any, Final

from sandbox.engine.kubernetes.wire import UNKNOWN

_PLACEHOLDER: Final = {"Element": {"V": ""}}


def create(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return the patch that turns ``old`` into ``new``."""
    return _difference(plain(old), plain(new))


def plain(value: Any) -> Any:
    """Copy a value with unknowns replaced by their placeholder."""
    if value is UNKNOWN:
        return plain(_PLACEHOLDER)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def _difference(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    patch: dict[str, Any] = {}
    for key, value in new.items():
        if key not in old:
            patch[key] = value
        elif isinstance(old[key], dict) and isinstance(value, dict):
            inner = _difference(old[key], value)
            if inner:
                patch[key] = inner
        elif not same(old[key], value):
            patch[key] = value
    patch.update({key: None for key in old if key not in new})
    return patch


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are equal; ``True`` is not ``1``, but ``3`` is ``3.0``."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)
