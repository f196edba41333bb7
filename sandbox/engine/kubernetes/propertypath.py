"""Property paths: ``spec.template.metadata.labels["app.kubernetes.io/name"]`` and ``ports[0]``."""

import json
import re
from typing import Final

from sandbox.engine.kubernetes.errors import ProviderError

Step = str | int
Path = tuple[Step, ...]

_STEP: Final = re.compile(
    r"""
    \.?(?P<name>[^.\[\]"]+)          # a plain key
    | \[(?P<index>\d+)\]             # a list index
    | \[(?P<quoted>"(?:[^"\\]|\\.)*")\]  # a quoted key
    | \[(?P<all>\*)\]                # every element
    """,
    re.VERBOSE,
)
_NEEDS_QUOTES: Final = re.compile(r'[.\[\]"]')


def parse(text: str) -> Path:
    """Read a property path.

    Raises:
        ProviderError: The path is not well-formed.
    """
    steps: list[Step] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            raise ProviderError(f'failed to parse property path "{text}" at "{text[position:]}"')
        if match["index"] is not None:
            steps.append(int(match["index"]))
        elif match["quoted"] is not None:
            steps.append(json.loads(match["quoted"]))
        else:
            steps.append(match["name"] or match["all"])
        position = match.end()
    return tuple(steps)


def render(path: Path) -> str:
    """Write a property path."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _NEEDS_QUOTES.search(step):
            escaped = step.replace('"', '\\"')
            text += f'["{escaped}"]'
        else:
            text += f".{step}" if text else step
    return text


def contains(outer: Path, inner: Path) -> bool:
    """Whether ``inner`` is ``outer`` or lies inside it; ``*`` stands for any step."""
    return len(outer) <= len(inner) and all(
        step in ("*", inner[position]) for position, step in enumerate(outer)
    )
