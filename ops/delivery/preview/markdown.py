"""A report as a comment: what can hurt comes first, the whole difference last and folded away."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ops.delivery.preview.objects import RECORD_OF_RELEASE
from ops.delivery.preview.report import Difference, Operation, Report, Step
from ops.delivery.preview.room import LARGEST, Section, fitted, folded, listing, row, size
from ops.delivery.preview.words import code, fenced, prose, visible
from policy.links import PAGES

VERBS: dict[Operation, str] = {
    "replace": "replaced",
    "delete": "deleted",
    "update": "updated",
    "create": "created",
}
PLACES_NAMED = 3
"""Changed places that the table names of each object."""

_SIGNS: dict[Operation, str] = {"replace": "!", "delete": "-", "update": "!", "create": "+"}


def marker(stack: str) -> str:
    """The line by which the comment of a stack is found again."""
    return f"<!-- brisa-platform preview:{stack} -->"


def comment(
    report: Report, *, run_url: str = "", other: Report | None = None, fork: str = ""
) -> str:
    """The comment, below the size that GitHub takes.

    What can hurt and only the other preview tells is told as well. `fork` names the repository
    whose code wrote the report.
    """
    head = [*_head(report, fork), ""]
    where = f"see [the run]({run_url})" if run_url else "see the report of the run"
    sections = [_interrupted(report), _dangers(report), _policies(report)]
    sections += [_only_in(other, report)] if other else []
    sections += [_calendar(report), _changes(report)]
    sections.insert(len(sections) if report.succeeded else 0, _diagnostics(report))
    sections.append(_diff(report))
    lines = [*head, *fitted(sections, LARGEST - size(head), where)]
    return "\n".join(lines).rstrip() + "\n"


def summary(report: Report) -> str:
    """What changes, in a line."""
    counts = {verb: len(report.of(operation)) for operation, verb in VERBS.items()}
    parts = [f"{count} {verb}" for verb, count in counts.items() if count]
    return ", ".join(parts) or "nothing changes"


def _head(report: Report, fork: str) -> Iterator[str]:
    yield marker(report.stack)
    failed = "" if report.succeeded else ": **the preview failed**"
    yield f"### Preview of `{report.stack}`{failed}"
    yield ""
    if fork:
        yield (
            f"> **Reported by code of {code(fork)}, another repository, which can have it say "
            "anything.** Read the change itself, its workflows and program first."
        )
        yield ""
    stopping = sum(finding.mandatory for finding in report.findings)
    said = [f"**{summary(report)}**", f"{report.unchanged} unchanged"]
    said += [f"**{stopping} mandatory policy findings**"] if stopping else []
    said += [f"commit {code(report.commit[:12])}"] if report.commit else []
    said += [f"{report.at:%Y-%m-%d %H:%M} UTC"]
    yield " · ".join(said)
    if report.source == "rendered":
        yield ""
        yield (
            "Rendered without credentials and compared with the base branch: the stack's state and "
            "cluster were not asked, so what was changed by hand, or never deployed, is not seen."
        )


def _diagnostics(report: Report) -> Section:
    lines = [
        visible(line)
        for each in report.diagnostics
        for line in _diagnostic(each.severity, each.message)
    ]
    first, *body = fenced(lines) if lines else [""]
    return Section(
        head=("#### Errors and warnings", "", first),
        rows=tuple(body[:-1]),
        foot=tuple(body[-1:]),
        noun="lines",
        share=9_000,
    )


def _diagnostic(severity: str, message: str) -> list[str]:
    first, *rest = message.splitlines() or [""]
    return [f"{severity}: {first}", *(f"    {line}" for line in rest)]


def _interrupted(report: Report) -> Section:
    return Section(
        head=("#### Interrupted before: nobody knows whether it happened", ""),
        rows=tuple(f"- {prose(each)}" for each in report.interrupted),
        noun="interrupted operations",
        share=4_000,
    )


def _is_routine(step: Step) -> bool:
    return step.operation == "replace" and (step.kind, step.name) == RECORD_OF_RELEASE


def _dangers(report: Report) -> Section:
    rows = [
        row(f"**{step.operation}**", code(step.kind), code(step.name), _why(step))
        for step in report.of("replace", "delete")
        if not _is_routine(step)
    ]
    columns = ("Operation", "Kind", "Object", "Because of")
    noun = "replacements and deletions"
    return listing("Replacements and deletions", columns, rows, noun, 12_000)


def _why(step: Step) -> str:
    return prose(step.reason) if step.reason else _named(step.forced_by)


def _only_in(other: Report, report: Report) -> Section:
    """What can hurt and only the other report tells, so that neither hides anything."""
    told = {(step.operation, step.kind, step.name) for step in report.steps}
    said = {(each.rule, each.subject) for each in report.findings}
    rows = [
        row(f"**{step.operation}**", code(step.kind), code(step.name))
        for step in other.of("replace", "delete")
        if (step.operation, step.kind, step.name) not in told and not _is_routine(step)
    ]
    rows += [
        row("**mandatory**", _rule(each.rule), code(each.subject))
        for each in other.findings
        if each.mandatory and (each.rule, each.subject) not in said
    ]
    noun = "things that only the other preview tells"
    title = f"Only in the {other.source} preview"
    return listing(title, ("What", "Kind", "Object"), rows, noun, 8_000)


def _policies(report: Report) -> Section:
    rows = [
        row(
            "**mandatory**" if each.mandatory else "advisory",
            _rule(each.rule),
            code(each.subject),
            prose(each.message),
        )
        for each in report.findings
    ]
    return listing(
        "Policies", ("Level", "Rule", "Object", "What it says"), rows, "findings", 10_000
    )


def _rule(name: str) -> str:
    return f"[{name}]({PAGES}/{name}.md)" if re.fullmatch(r"[a-z0-9-]+", name) else code(name)


def _calendar(report: Report) -> Section:
    rows = [
        row(code(each.name), _starts(each.before), _starts(each.after)) for each in report.calendar
    ]
    columns = ("Schedule", "Next starts, as it is", "As it will be")
    table = listing("Experiments", columns, rows, "experiments", 6_000)
    title, gap, *rest = table.head
    month = ("```text", *report.month, "```", "") if report.month else ()
    return replace(table, head=(title, gap, *month, *rest))


def _starts(starts: Iterable[str]) -> str:
    return "<br>".join(prose(start) for start in starts) or "none"


def _changes(report: Report) -> Section:
    steps = [step for step in report.steps if _is_routine(step)]
    steps += report.of("update", "create")
    rows = [row(s.operation, code(s.kind), code(s.name), _places(s)) for s in steps]
    columns = ("Operation", "Kind", "Object", "Places")
    return listing("Other changes", columns, rows, "changes", 12_000)


def _places(step: Step) -> str:
    return prose(step.reason) or _named(each.path for each in step.differences if each.path)


def _named(places: Iterable[str]) -> str:
    named = [code(place, 60) for place in places]
    more = len(named) - PLACES_NAMED
    return ", ".join(named[:PLACES_NAMED]) + (f" and {more} more" if more > 0 else "")


def _diff(report: Report) -> Section:
    blocks = ["\n".join(map(visible, _step(step))) for step in report.steps]
    return folded("The whole difference", blocks)


def _step(step: Step) -> Iterator[str]:
    why = f" ({step.reason})" if step.reason else ""
    yield f"{_SIGNS[step.operation]} {step.operation} {step.kind} {step.name}{why}"
    for each in step.differences:
        yield from difference(each)


def difference(each: Difference) -> Iterator[str]:
    """One changed place, as lines of a difference."""
    if not each.path:  # a whole object
        yield from (f"+   {line}" for line in (each.new or "").splitlines())
        return
    yield f"@@ {each.path} @@"
    if each.old == each.new:
        yield "! changed; neither value is shown"
        return
    yield from (f"-   {line}" for line in (each.old or "").splitlines())
    yield from (f"+   {line}" for line in (each.new or "").splitlines())
