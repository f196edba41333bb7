"""The policy pack, as the engine is told of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from policy.stack import FOLDER

GATE = "platform-promotion-verdict"
"""The rule that asks for papers, which no pull request has."""


def policy_flags(configuration: Path | None) -> Sequence[str]:
    """The flags that apply the checkout's policy pack; without a configuration as it comes."""
    given = ("--policy-pack-config", str(configuration)) if configuration else ()
    return ("--policy-pack", str(FOLDER), *given)


def advising(configuration: dict[str, Any]) -> dict[str, Any]:
    """A policy configuration in which the promotion gate says what it would, and stops nothing."""
    gate = configuration.get(GATE, {})
    limits = gate if isinstance(gate, dict) else {}
    return {**configuration, GATE: {**limits, "enforcementLevel": "advisory"}}
