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

    `last` is the output `release` of the stack's last `up`. A verdict that is shown again is not
    its own predecessor, so that an `up` which changes nothing changes no record either.
    """
    if not last:
        return None
    mine, its = kept(papers), last.get("verdict")
    before = its if its and its != mine and its.get("at") else last.get("previous")
    return Promoted(commit=before["commit"], at=before["at"]) if before else None
