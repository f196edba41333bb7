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
from ops.delivery.preview.differences import differences, whole
from ops.delivery.preview.objects import kind_of, legible, name_of
from ops.delivery.preview.redaction import redacted, text
from ops.delivery.preview.report import (
    LONGEST_LINE,
    LONGEST_URN,
    Diagnostic,
    Finding,
    Operation,
    Report,
    Step,
)
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

ORDER: tuple[Operation, ...] = ("replace", "delete", "update", "create")
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
    steps = sorted(
        (step for urn, several in seen.steps.items() for step in _steps(urn, several)),
        key=lambda step: (ORDER.index(step.operation), step.kind, step.name),
    )
    calendar, month = moved(_schedules(seen.steps), now)
    return Report(
        stack=stack,
        source="engine",
        succeeded=seen.result == "succeeded" and not failed,
        at=now,
        commit=commit,
        seconds=seen.seconds,
        unchanged=sum(any(each["op"] == "same" for each in some) for some in seen.steps.values()),
        steps=tuple(steps),
        findings=tuple(sorted(seen.findings, key=lambda each: not each.mandatory)),
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
        case {"resourcePreEvent": {"metadata": {"urn": str(urn), "op": str(op)} as metadata}}:
            _take_step(urn, op, metadata, seen)
        case {"policyEvent": {} as said}:
            seen.findings.append(_finding(said))
        case {"diagnosticEvent": {"severity": str(severity), "message": str(message)}}:
            _take_diagnostic(severity, message, seen)
        case {"summaryEvent": {} as summary}:
            seen.result = str(summary.get("result", ""))
            seen.seconds = float(summary.get("durationSeconds", 0))


def _take_step(urn: str, op: str, metadata: Mapping[str, Any], seen: _Seen) -> None:
    if not ((metadata.get("new") or metadata.get("old") or {}).get("custom")):
        return
    seen.steps.setdefault(urn, []).append({**metadata, "op": op})


def _take_diagnostic(severity: str, message: str, seen: _Seen) -> None:
    words = cleaned(message)
    for urn, doing in _INTERRUPTED.findall(words):
        seen.interrupted.append(f"{_subject(urn)}: interrupted while {doing}"[:LONGEST_LINE])
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
        rule=str(said.get("policyName", ""))[:LONGEST_LINE],
        mandatory=said.get("enforcementLevel") == "mandatory",
        subject=_subject(urn)[:LONGEST_LINE],
        message=found.strip() or message,
    )


def _subject(urn: str) -> str:
    parts = urn.split("::")
    return f"{kind_of(parts[-2].rpartition('$')[2])} {parts[-1]}" if len(parts) > 1 else ""


def _steps(urn: str, several: Sequence[Mapping[str, Any]]) -> Iterator[Step]:
    """What happens to an object, and to what an earlier `up` has left of it."""
    named = [metadata["op"] for metadata in several]
    main = next((several[named.index(op)] for op in OPERATIONS if op in named), None)
    is_replaced = main is not None and main["op"] in REPLACING
    if main is not None and is_replaced and FORGETS_REPLACED in named:
        yield _step(urn, main, "create", DELETED_BEFORE)
    elif main is not None:
        yield _step(urn, main, OPERATIONS[main["op"]])
    deleting = [metadata for metadata in several if metadata["op"] == DELETES_REPLACED]
    for metadata in deleting[is_replaced:]:  # the first belongs to the replacement
        yield _step(urn, metadata, "delete", LEFT_OVER)


def _step(urn: str, metadata: Mapping[str, Any], operation: Operation, reason: str = "") -> Step:
    old, new = (redacted(side) for side in _sides(metadata))
    changes: tuple[Any, ...] = ()
    if operation == "create":
        changes = whole(legible(new))
    elif operation != "delete":
        detailed = metadata.get("detailedDiff")
        changes = differences(old, new, list(detailed) if detailed else None)
    return Step(
        operation=operation,
        kind=kind_of(str(metadata.get("type", "")))[:LONGEST_LINE],
        name=name_of(urn, new, old)[:LONGEST_LINE],
        urn=urn[:LONGEST_URN],
        reason=reason,
        forced_by=tuple(str(key)[:LONGEST_LINE] for key in metadata.get("keys") or ()),
        differences=changes,
    )


def _sides(metadata: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Inputs before and after; the kind is there even if the program left it out."""
    kind = {"kind": kind_of(str(metadata.get("type", "")))}
    old, new = ((metadata.get(side) or {}).get("inputs") or {} for side in ("old", "new"))
    return {**kind, **old}, {**kind, **new}


def _schedules(
    steps: Mapping[str, Sequence[Mapping[str, Any]]],
) -> dict[str, tuple[Any, Any]]:
    """The inputs of every Schedule before and after."""
    found = {}
    for urn, several in steps.items():
        if several[-1].get("type") == SCHEDULE.token:
            main = next((each for each in several if each["op"] in OPERATIONS), None)
            main = main or next((each for each in several if each["op"] == "same"), {})
            old, new = ((main.get(side) or {}).get("inputs") for side in ("old", "new"))
            found[urn] = (old, new)
    return found
