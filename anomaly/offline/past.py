"""What every kind of past can be asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from anomaly.offline.alerted import Alerted
from anomaly.offline.explain import Verdicts
from anomaly.offline.spans import Mask


@dataclass(frozen=True)
class Name:
    """Which series."""

    text: str
    """As tables write it, and as `explain` reads it."""

    labels: Mapping[str, str]
    """Its labels."""


class Past(Protocol):
    """Series with all their history, in an order that stays."""

    @property
    def names(self) -> Sequence[Name]:
        """All of them."""

    @property
    def span(self) -> tuple[float, float]:
        """Epoch seconds of the first and the last step that count."""

    @property
    def threshold(self) -> float:
        """The threshold that the configuration says."""

    def alerted(self, threshold: float | None = None) -> Iterator[Alerted]:
        """The alerts that there would have been at a threshold, or as configured.

        Of each series in its order; then of what was said of several as a whole.
        """

    def verdicts(self, place: int) -> Verdicts:
        """All that would have been said of one series, as the detector is configured."""

    def incidents(self, place: int) -> Mask | None:
        """Where one series had incidents, as somebody says who knows; None where nobody does."""
