"""What to do about anomalies: what signals together point to, as the detector itself has it."""

from collections.abc import Iterator

from anomaly.incidents.describe import CAUSES, Cause

_SIDES = {"above": "up", "below": "down", "absent": "gone"}


def recommendations(runbook: str) -> str:
    """Markdown for the board; `runbook` is the page that alerts link to."""
    table = "\n".join(_table())
    marks = "Blue marks are revisions, red ones experiments."
    return f"{table}\n\n{marks} [Runbook]({runbook}#anomalydetected)"


def _table() -> Iterator[str]:
    yield "| Unusual at once | Points to | First |"
    yield "|---|---|---|"
    # The more telling come first; of one that says the same as another, the first is enough.
    seen: set[tuple[str, str]] = set()
    for cause in CAUSES:
        signals, first = _signals(cause), cause.advice[0]
        if (signals, cause.name) not in seen:
            yield f"| {signals} | {cause.name} | {first} |"
        seen.add((signals, cause.name))


def _signals(cause: Cause) -> str:
    return ", ".join(sorted(f"{kind} {_SIDES[side]}" for kind, side in cause.needs))
