"""What the program says to a draft of a stack file."""

import re
from collections.abc import Mapping
from typing import Any

import pulumi

from ops.delivery.preview.events import cleaned
from ops.delivery.rendering.stacks import readable, registered

_UNFINISHED = "brisa-platform:unfinished"
"""A key that the program does not know: it refuses the draft in any case, and makes nothing."""


def objections(stack: str, config: Mapping[str, Any]) -> str:
    """What is wrong with a draft, as the program tells it; empty when nothing is."""
    given = readable({"config": {**config, _UNFINISHED: ""}})
    try:
        registered(stack, given=given)
    except pulumi.RunError as error:
        blocks = re.split(r"\n(?=  \S)", cleaned(str(error)))[1:]
        return "\n".join(each for each in blocks if _UNFINISHED not in each.splitlines()[0])
    return ""
