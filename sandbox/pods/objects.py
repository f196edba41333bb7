"""Objects of the API server, as a pod refers to them."""

from collections.abc import Mapping
from typing import Any, Protocol

Object = Mapping[str, Any]
"""As the API server tells it."""


class Objects(Protocol):
    """Whoever knows objects."""

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """One object; None when there is no such."""
