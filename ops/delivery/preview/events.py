"""The engine's event log, read into a report.

One JSON object a line, as `pulumi preview --event-log FILE` writes it with `PULUMI_DEBUG_COMMANDS`
set. It holds whole objects and the stack's configuration: only what a report needs is taken from
it, and that without secrets. Lines that are no events are passed over; an engine that was stopped
leaves the last one unfinished.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ops.delivery.preview.calendar import moved
from ops.delivery.preview.objects import kind_of, step
from ops.delivery.preview.redaction import redacted, text
from ops.delivery.preview.report import Diagnostic, Finding, Operation, Report, Step
from vocabulary.kinds import SCHEDULE

REPLACING = ("replace", "create-replacement", "import-replacement")
OPERATIONS: Mapping[str, Operation] = {
    **dict.fromkeys(REPLACING, "replace"),
    "delete": "delete",
    "update": "update",
    "create": "create",
    "import": "create",
}
"""What the engine calls a step -> what happens to the object; of several the first counts."""

DELETES_REPLACED, FORGETS_REPLACED = "delete-replaced", "remove-pending-replace"
LEFT_OVER = "left over from an earlier replacement"
DELETED_BEFORE = "deleted already, for a replacement that did not come through"

LONGEST_MESSAGE = 4_000
MOST_DIAGNOSTICS = 100
_SHOWN_SEVERITIES = ("error", "warning")
_INTERRUPTED = re.compile(r"\* (urn:\S+), interrupted while (\w+)")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m|<\{%[^%]*%\}>")


@dataclass
class _Seen:
    """What the events have told so far."""

    steps: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    """URN -> what the engine says of its steps, in their order."""

    findings: list[Finding] = field(default_factory=list)
    diagnostics: dict[tuple[str, str], Diagnostic] = field(default_factory=dict)
    interrupted: list[str] = field(default_factory=list)
    result: str = ""
    seconds: float = 0.0


def report(
    lines: Iterable[str], *, stack: str, now: datetime, commit: str = "", failed: bool = False
) -> Report:
    """Read an event log.

    `failed`: the engine ended with an error, whatever its events say.
    """
    seen = _Seen()
    for event in _events(lines):
        _take(event, seen)
    calendar, month = moved(
        {
            urn: _inputs(_main(several))
            for urn, several in seen.steps.items()
            if several[-1].get("type") == SCHEDULE.token
        },
        now,
    )
    return Report(
        stack=stack,
        source="engine",
        succeeded=seen.result == "succeeded" and not failed,
        at=now,
        commit=commit,
        seconds=seen.seconds,
        unchanged=sum(any(each["op"] == "same" for each in some) for some in seen.steps.values()),
        steps=tuple(each for urn, some in seen.steps.items() for each in _steps(urn, some)),
        findings=tuple(seen.findings),
        calendar=calendar,
        month=month,
        interrupted=tuple(seen.interrupted),
        diagnostics=tuple(seen.diagnostics.values())[:MOST_DIAGNOSTICS],
    )


def _events(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict):
            yield event


def _take(event: Mapping[str, Any], seen: _Seen) -> None:
    match event:
        case {"resourcePreEvent": {"metadata": {"urn": str(urn), "op": str()} as metadata}}:
            if (metadata.get("new") or metadata.get("old") or {}).get("custom"):
                seen.steps.setdefault(urn, []).append(metadata)
        case {"policyEvent": {} as said}:
            seen.findings.append(_finding(said))
        case {"diagnosticEvent": {"severity": str(severity), "message": str(message)}}:
            _take_diagnostic(severity, message, seen)
        case {"summaryEvent": {} as summary}:
            seen.result = str(summary.get("result", ""))
            seen.seconds = float(summary.get("durationSeconds", 0))


def _take_diagnostic(severity: str, message: str, seen: _Seen) -> None:
    words = cleaned(message)
    for urn, doing in _INTERRUPTED.findall(words):
        seen.interrupted.append(f"{_subject(urn)}: interrupted while {doing}")
    if severity.startswith("info#"):
        severity = severity.partition("#")[2]
    if severity in _SHOWN_SEVERITIES and words:
        level: Any = severity
        seen.diagnostics.setdefault((severity, words), Diagnostic(severity=level, message=words))


def cleaned(message: str) -> str:
    """A message without colours, secrets and excess."""
    return text(_COLOURS.sub("", message)).strip()[:LONGEST_MESSAGE]


def _finding(said: Mapping[str, Any]) -> Finding:
    urn, message = str(said.get("resourceUrn", "")), cleaned(str(said.get("message", "")))
    # The rule's summary and reason come first, on a line that its page has too.
    _, _, found = message.partition("\n")
    return Finding(
        rule=str(said.get("policyName", "")),
        mandatory=said.get("enforcementLevel") == "mandatory",
        subject=_subject(urn),
        message=found.strip() or message,
    )


def _subject(urn: str) -> str:
    parts = urn.split("::")
    return f"{kind_of(parts[-2].rpartition('$')[2])} {parts[-1]}" if len(parts) > 1 else ""


def _main(several: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Of the steps of an object the one that says what happens to it; empty when none does."""
    named = {metadata["op"]: metadata for metadata in reversed(several)}
    return next((named[op] for op in (*OPERATIONS, "same") if op in named), {})


def _steps(urn: str, several: Sequence[Mapping[str, Any]]) -> Iterator[Step]:
    """What happens to an object, and to what an earlier `up` has left of it."""
    main = _main(several)
    named = [metadata["op"] for metadata in several]
    is_replaced = main.get("op") in REPLACING
    if is_replaced and FORGETS_REPLACED in named:
        yield _step(urn, main, "create", DELETED_BEFORE)
    elif operation := OPERATIONS.get(main.get("op", "")):
        yield _step(urn, main, operation)
    deleting = [metadata for metadata in several if metadata["op"] == DELETES_REPLACED]
    for metadata in deleting[is_replaced:]:  # the first belongs to the replacement
        yield _step(urn, metadata, "delete", LEFT_OVER)


def _step(urn: str, metadata: Mapping[str, Any], operation: Operation, reason: str = "") -> Step:
    pulumi_type = str(metadata.get("type", ""))
    # The kind is there even if the program left it out.
    kind = {"kind": kind_of(pulumi_type)}
    old, new = (redacted({**kind, **(side or {})}) for side in _inputs(metadata))
    paths = list(metadata.get("detailedDiff") or ()) or None
    forced_by = map(str, metadata.get("keys") or ())
    return step(
        operation, urn, pulumi_type, old, new, paths=paths, forced_by=forced_by, reason=reason
    )


def _inputs(metadata: Mapping[str, Any]) -> tuple[Any, Any]:
    """An object's inputs before and after; None where it is not there."""
    old, new = ((metadata.get(side) or {}).get("inputs") for side in ("old", "new"))
    return old, new
