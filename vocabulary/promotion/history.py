"""What a stack's outputs keep of its promotions, so that an older verdict cannot be shown again."""

from collections.abc import Mapping
from typing import Any

from vocabulary.promotion.gate import Papers
from vocabulary.promotion.papers import Promoted
from vocabulary.promotion.seal import claimed

_KEPT = ("environment", "commit", "tree", "at", "expires", "key")


def kept(papers: Papers) -> dict[str, Any] | None:
    """What is kept of a verdict; None without one. Whether to believe it was the gate's to say."""
    said = claimed("verdict", papers.verdict)
    return {key: said.get(key) for key in _KEPT} if said else None


def previous(last: Mapping[str, Any] | None, papers: Papers) -> Promoted | None:
    """The verdict that was promoted before this one.

    Args:
        last: The stack's output `release` of its last `up`.
        papers: What is shown now. A verdict that is shown again is not its own predecessor, so
            that an `up` which changes nothing changes no record either.
    """
    if not last:
        return None
    mine, its = kept(papers), last.get("verdict")
    before = last.get("previous") if its is None or its == mine else its
    if before is None:
        return None
    return Promoted(commit=before["commit"], at=before["at"])
