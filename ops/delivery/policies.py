"""The policy pack, as the engine is told of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from policy.stack import FOLDER, policy_file

GATE = "platform-promotion-verdict"
"""The rule that asks for papers, which no pull request has."""


def policy_flags(stack: str, configuration: Path | None = None) -> Sequence[str]:
    """The flags that apply the checkout's policy pack, with the stack's configuration or another.

    Without either every rule is as it comes.
    """
    given = configuration or policy_file(stack)
    return ("--policy-pack", str(FOLDER), *(("--policy-pack-config", str(given)) if given else ()))


def advising(configuration: dict[str, Any]) -> dict[str, Any]:
    """A policy configuration in which the promotion gate says what it would, and stops nothing."""
    gate = configuration.get(GATE, {})
    limits = gate if isinstance(gate, dict) else {}
    return {**configuration, GATE: {**limits, "enforcementLevel": "advisory"}}
