"""What a stack releases, as it says itself in its record: a ConfigMap that every stack has.

Staging's verdict is about such a record, and production's is what a verdict is held against.
"""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, ValidationError

from vocabulary.promotion.errors import PaperError
from vocabulary.promotion.papers import Commit, Model, Tree, first_problem

NAMESPACE, NAME = "brisa-platform", "release"
"""Where every stack keeps its record."""

UNKNOWN: Literal["unknown"] = "unknown"
"""What stands for commit and tree where Git cannot tell."""

DIRTY = "-dirty"
"""Follows the commit where the checkout has changes that no commit has."""


class Release(Model):
    """What a stack is about to run."""

    environment: str = Field(min_length=1)
    """Which kind of stack it is."""

    commit: Commit | Literal["unknown"]
    """The checkout's commit."""

    tree: Tree | Literal["unknown"]
    """The content of that commit: program, policies and every stack's configuration."""

    gate: Literal["on", "off"] = "on"
    """`off` where the stack file says `promotion: off`: no verdict is asked for, and that shows."""

    @property
    def is_clean(self) -> bool:
        """Whether the tree is all that is released."""
        return self.tree != UNKNOWN and not self.commit.endswith(DIRTY)

    @property
    def data(self) -> dict[str, str]:
        """As the data of a ConfigMap."""
        return self.model_dump()

    @classmethod
    def from_data(cls, data: Mapping[str, str | None]) -> Self:
        """Read a record back; what else it holds is not looked at.

        Raises:
            PaperError: when something in it is missing or malformed.
        """
        try:
            known = {key: data[key] for key in cls.model_fields if data.get(key) is not None}
            return cls.model_validate(known)
        except ValidationError as error:
            raise PaperError(f"the record cannot be read: {first_problem(error)}") from None
