"""What a stream goes on from, as arrays with names: parts that are stored, and made of them again.

A part is a dataclass. Its fields are arrays, whole numbers and floats, tails, or parts themselves,
whose names follow on its own after a dot; what is None is left out.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Generic, Self, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from anomaly.detector.arrays import HISTORY

Scalar = TypeVar("Scalar", bound=np.generic)
State = Mapping[str, NDArray[np.generic]]

ROOM = 8
"""Rows move to an array with room for an eighth more."""


class Tail(Generic[Scalar]):
    """Rows (time, ...), the oldest first; they grow at their end and are cut at their beginning.

    Both are cheap, however many are held.
    """

    def __init__(self, rows: NDArray[Scalar]) -> None:
        self._store = rows
        self._first, self._end = 0, len(rows)

    @property
    def rows(self) -> NDArray[Scalar]:
        """All that are held; what is written to them is written here."""
        return self._store[self._first : self._end]

    def extend(self, more: NDArray[Scalar]) -> None:
        """Append some."""
        end = self._end + len(more)
        if end > len(self._store):
            rows = self.rows
            end = len(rows) + len(more)
            self._store = np.empty((end + end // ROOM, *rows.shape[1:]), rows.dtype)
            self._store[: len(rows)] = rows
            self._first, self._end = 0, len(rows)
        self._store[self._end : end] = more
        self._end = end

    def trim(self) -> None:
        """Drop what nobody looks back to."""
        self._first = max(self._first, self._end - HISTORY)
        if len(self._store) > 2 * HISTORY:
            self._store = self.rows.copy()
            self._first, self._end = 0, len(self._store)


class Stored:
    """A part; to be inherited by dataclasses."""

    def state(self) -> dict[str, NDArray[np.generic]]:
        """What `restored` needs."""
        return parts_state({part.name: getattr(self, part.name) for part in fields(self)})  # type: ignore[arg-type]

    @classmethod
    def restored(cls, state: State) -> Self:
        """The part that gave that state; any exception means that the state is damaged."""
        kinds = get_type_hints(cls)
        names = [part.name for part in fields(cls)]  # type: ignore[arg-type]
        return cls(**{name: part_restored(kinds[name], name, state) for name in names})


def parts_state(parts: Mapping[str, Any]) -> dict[str, NDArray[np.generic]]:
    """All arrays of some parts, by their names."""
    state: dict[str, NDArray[np.generic]] = {}
    for name, value in parts.items():
        if isinstance(value, Stored):
            state |= {f"{name}.{inner}": each for inner, each in value.state().items()}
        elif value is not None:
            state[name] = np.asarray(value.rows if isinstance(value, Tail) else value)
    return state


def part_restored(kind: Any, name: str, state: State) -> Any:
    """What a name stood for; None for a part of which there is nothing."""
    for each in (kind, *get_args(kind)):
        if isinstance(each, type) and issubclass(each, Stored):
            start = f"{name}."
            inner = {key[len(start) :]: state[key] for key in state if key.startswith(start)}
            return each.restored(inner) if inner or each is kind else None
    if kind in {int, float}:
        return kind(state[name])
    value = np.array(state[name])
    return Tail(value) if get_origin(kind) is Tail else value
