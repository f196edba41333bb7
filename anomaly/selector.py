"""Names of series as people write and read them: `latency_p95{namespace="shop",service="cart"}`."""

import json
import re
from collections.abc import Mapping

METRIC = "__name__"

_SELECTOR = re.compile(r"([^{}]*)(?:\{(.*)\})?", re.DOTALL)
_MATCHER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*("(?:[^"\\]|\\.)*")\s*(?:,|$)')


def text(name: str, labels: Mapping[str, str]) -> str:
    """A series in one line; labels in the order of their names, without that of the metric."""
    inside = ",".join(
        f"{key}={json.dumps(labels[key], ensure_ascii=False)}"
        for key in sorted(labels)
        if key != METRIC
    )
    return f"{name}{{{inside}}}" if inside else name


def parse(written: str) -> tuple[str, dict[str, str]]:
    """The name and the labels.

    Raises:
        ValueError: it is written otherwise.
    """
    whole = _SELECTOR.fullmatch(written.strip())
    if not whole:
        raise ValueError(f'{written} is not a series; write it as name{{label="value"}}')
    name, inside = whole[1].strip(), whole[2] or ""
    labels, at = {}, 0
    while at < len(inside.rstrip()):
        matcher = _MATCHER.match(inside, at)
        if not matcher:
            raise ValueError(f'{written} is not a series; write labels as label="value"')
        labels[matcher[1]] = str(json.loads(matcher[2]))
        at = matcher.end()
    return name, labels
