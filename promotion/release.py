"""What a stack releases, as it says itself in its record: a ConfigMap that every stack has.

Staging's verdict is about such a record, and production's is what a verdict is held against.
"""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, TypeAdapter, ValidationError

from promotion.errors import PaperError
from promotion.papers import Commit, Hash, Model, first_problem

NAMESPACE, NAME = "brisa-platform", "release"
"""Where every stack keeps its record."""

UNKNOWN: Literal["unknown"] = "unknown"
"""What stands for the commit where Git cannot tell."""

DIRTY = "-dirty"
"""Follows the commit where the checkout has changes that no commit has."""

_HASHES: TypeAdapter[dict[str, Hash]] = TypeAdapter(dict[str, Hash])


class Release(Model):
    """What a stack is about to run."""

    environment: str = Field(min_length=1)
    """Which kind of stack it is."""

    commit: Commit | Literal["unknown"]
    """The checkout's commit."""

    configuration: dict[str, Hash]
    """Area -> hash of what is promoted of its configuration."""

    images: dict[str, Hash]
    """Image -> digest, of those that the configuration pins."""

    @property
    def data(self) -> dict[str, str]:
        """As the data of a ConfigMap."""
        return {
            "environment": self.environment,
            "commit": self.commit,
            "configuration": _written(self.configuration),
            "images": _written(self.images),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, str | None]) -> Self:
        """Read a record back.

        Raises:
            PaperError: when something in it is missing or malformed.
        """
        try:
            return cls(
                environment=data.get("environment") or "",
                commit=data.get("commit") or "",
                configuration=_HASHES.validate_json(data.get("configuration") or ""),
                images=_HASHES.validate_json(data.get("images") or ""),
            )
        except ValidationError as error:
            raise PaperError(f"the record cannot be read: {first_problem(error)}") from None


def _written(hashes: Mapping[str, str]) -> str:
    return _HASHES.dump_json(dict(sorted(hashes.items()))).decode()
