"""How long the stages of a run take."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic


class Stopwatch:
    """Adds up time by stage. While one stage goes on within another, the outer one stands still."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._stage: str | None = None
        self._since = monotonic()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time of the body goes to a stage."""
        outer = self._stage
        self._turn_to(name)
        try:
            yield
        finally:
            self._turn_to(outer)

    @property
    def seconds(self) -> Mapping[str, float]:
        """Of the stages so far."""
        return dict(self._seconds)

    def _turn_to(self, name: str | None) -> None:
        now = monotonic()
        if self._stage is not None:
            self._seconds[self._stage] = self._seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = name, now
