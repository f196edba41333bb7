"""A stack's policy configuration, as its previews take it."""

from pathlib import Path
from typing import Any

from ops.delivery.errors import UsageError

FOLDER = Path(__file__).resolve().parents[2] / "policy"
GATE = "platform-promotion-verdict"
"""The rule that asks for papers, which no pull request has."""


def policy_file(name: str) -> Path:
    """A stack's policy configuration.

    Raises:
        UsageError: when it has none.
    """
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        raise UsageError(f"policy/{path.name} is missing; every stack has one")
    return path


def advising(configuration: dict[str, Any]) -> dict[str, Any]:
    """A policy configuration in which the promotion gate says what it would, and stops nothing."""
    gate = configuration.get(GATE, {})
    limits = gate if isinstance(gate, dict) else {}
    return {**configuration, GATE: {**limits, "enforcementLevel": "advisory"}}
