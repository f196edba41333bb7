"""From a merge patch to the detailed diff that the engine shows.

The patch overstates: it holds lists as a whole and fields that only the server set. So every
value is compared again with what was live, what the program gave before, and what it gives now.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import mergepatch, propertypath, replace
from sandbox.engine.kubernetes.propertypath import Path
from sandbox.engine.kubernetes.wire import UNKNOWN

PropertyDiff = pb.PropertyDiff

_REPLACING: Final = {
    PropertyDiff.ADD: PropertyDiff.ADD_REPLACE,
    PropertyDiff.UPDATE: PropertyDiff.UPDATE_REPLACE,
    PropertyDiff.DELETE: PropertyDiff.DELETE_REPLACE,
}


class _Absent(Enum):
    """Tells "no such key" from a null value."""

    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT


def compute(
    patch: dict[str, Any],
    *,
    live: dict[str, Any],
    new_inputs: dict[str, Any],
    old_inputs: dict[str, Any],
    forcing: tuple[str, ...],
) -> dict[str, PropertyDiff]:
    """Return the changes by property path, each marked when it forces a replacement."""
    walk = _Walk(forcing)
    walk.mapping((), patch, live, new_inputs, old_inputs, in_list=False)
    return walk.found


def replacing(diffs: dict[str, PropertyDiff]) -> list[str]:
    """Return the paths that force a replacement."""
    return [path for path, diff in diffs.items() if diff.kind in _REPLACING.values()]


@dataclass
class _Walk:
    forcing: tuple[str, ...]
    found: dict[str, PropertyDiff] = field(default_factory=dict)

    def mapping(
        self, path: Path, patch: Any, old: Any, new_input: Any, old_input: Any, *, in_list: bool
    ) -> None:
        """Compare maps key by key; inside lists the patch does not say what was deleted."""
        for key, value in patch.items():
            self.value(
                (*path, key),
                value,
                _get(old, key),
                _get(new_input, key),
                _get(old_input, key),
                in_list=in_list,
            )
        if in_list:
            for key in [key for key in old if key not in patch]:
                self.value(
                    (*path, key),
                    None,
                    old[key],
                    _get(new_input, key),
                    _get(old_input, key),
                    in_list=True,
                )

    def sequence(self, path: Path, patch: Any, old: Any, new_input: Any, old_input: Any) -> None:
        """Compare lists position by position."""
        for index in range(max(len(patch), len(old))):
            self.value(
                (*path, index),
                patch[index] if index < len(patch) else None,
                old[index] if index < len(old) else ABSENT,
                _at(new_input, index),
                _at(old_input, index),
                in_list=True,
            )

    def value(
        self, path: Path, value: Any, old: Any, new_input: Any, old_input: Any, *, in_list: bool
    ) -> None:
        """Compare one value and go deeper where both sides are of one shape."""
        if new_input is ABSENT and (value is not None or old_input is ABSENT):
            return  # only the server ever set it
        if value is None and new_input is UNKNOWN:
            kind = PropertyDiff.ADD if old is ABSENT else PropertyDiff.UPDATE
        elif value is None:
            kind = PropertyDiff.DELETE
        elif old is ABSENT:
            kind = PropertyDiff.ADD
        elif isinstance(value, dict) and isinstance(old, dict):
            self.mapping(path, value, old, new_input, old_input, in_list=in_list)
            return
        elif isinstance(value, list) and isinstance(old, list):
            self.sequence(path, value, old, new_input, old_input)
            return
        elif not isinstance(value, dict | list) and mergepatch.same(value, old):
            return
        else:
            kind = PropertyDiff.UPDATE
        input_diff = kind == PropertyDiff.DELETE
        if replace.forced(path, value, self.forcing):
            kind = _REPLACING[kind]
        self.found[propertypath.render(path)] = PropertyDiff(kind=kind, inputDiff=input_diff)


def _get(mapping: Any, key: str) -> Any:
    return mapping.get(key, ABSENT) if isinstance(mapping, dict) else ABSENT


def _at(sequence: Any, index: int) -> Any:
    return sequence[index] if isinstance(sequence, list) and index < len(sequence) else None
