"""Which series this pod looks at: one shard of them, by a hash that stays."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from anomaly.labels import identity


@dataclass(frozen=True)
class Shard:
    """One of so many equal parts of all series."""

    index: int = 0
    """Which part; `JOB_COMPLETION_INDEX` of an indexed Job."""

    count: int = 1
    """How many parts there are; all pods of a Job say the same."""

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether the series is in this part.

        All signals of one service have the same labels and so land in the same part.
        """
        return self.count == 1 or place(labels) % self.count == self.index

    @property
    def name(self) -> str:
        """`0-of-1`: also the name of its folder in the state."""
        return f"{self.index}-of-{self.count}"


def place(labels: Mapping[str, str]) -> int:
    """A number of 64 bits that depends on nothing but the identity of the series."""
    text = json.dumps(identity(labels), ensure_ascii=False, separators=(",", ":"))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")
