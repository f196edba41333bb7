"""How long the stages of a run take."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import monotonic


class Stopwatch:
    """Adds up time by stage."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time of the body goes to a stage."""
        begun = monotonic()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + monotonic() - begun

    @property
    def seconds(self) -> Mapping[str, float]:
        """So far."""
        return dict(self._seconds)
