"""What a stack's outputs keep of its promotions, so that an older verdict cannot be shown again."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from promotion.gate import Papers
from promotion.papers import Override, Promoted, Verdict


def claimed(papers: Papers) -> dict[str, Any] | None:
    """What the verdict claims, believed or not: the gate is elsewhere; None without one."""
    try:
        document = json.loads(papers.verdict or "null")
        verdict = Verdict.model_validate(document["verdict"])
        key = str(document["signature"]["key"])
    except (ValueError, TypeError, KeyError):
        return None
    fields = {"environment", "commit", "at", "expires"}
    return {**verdict.model_dump(mode="json", include=fields), "key": key}


def overridden(papers: Papers) -> dict[str, Any] | None:
    """What the override says; None without one."""
    try:
        override = Override.model_validate_json(papers.override or "null")
    except ValidationError:
        return None
    return override.model_dump(mode="json")


def previous(last: Mapping[str, Any] | None, papers: Papers) -> Promoted | None:
    """The verdict that was promoted before this one.

    Args:
        last: The stack's output `release` of its last `up`.
        papers: What is shown now. A verdict that is shown again is not its own predecessor, so
            that an `up` which changes nothing changes no record either.
    """
    if not last:
        return None
    mine, its = claimed(papers), last.get("verdict")
    before = last.get("previous") if its is None or its == mine else its
    if before is None:
        return None
    return Promoted(commit=before["commit"], at=before["at"])
