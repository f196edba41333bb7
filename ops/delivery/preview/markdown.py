"""A report as a comment: what can hurt comes first, the whole difference last and folded away."""

import re
from collections.abc import Iterable, Iterator, Sequence

from ops.delivery.preview.objects import RECORD_OF_RELEASE
from ops.delivery.preview.report import Difference, Operation, Report, Step
from ops.delivery.preview.room import Section, block, folded, listing, page
from ops.delivery.preview.words import code, prose, visible
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
    sections = [_interrupted(report), _dangers(report), _policies(report)]
    sections += [_only_in(other, report)] if other else []
    sections += [_calendar(report), _changes(report)]
    sections.insert(len(sections) if report.succeeded else 0, _diagnostics(report))
    return page(
        [*_head(report, fork)], [*sections, changes("The whole difference", report.steps)], run_url
    )


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
        for line in f"{each.severity}: {each.message}".replace("\n", "\n    ").splitlines()
    ]
    return block(("#### Errors and warnings",), lines, "lines", share=9_000)


def _interrupted(report: Report) -> Section:
    head = ("#### Interrupted before: nobody knows whether it happened", "")
    rows = [f"- {prose(each)}" for each in report.interrupted]
    return Section(head, rows, "interrupted operations", 4_000)


def _is_routine(step: Step) -> bool:
    return step.operation == "replace" and (step.kind, step.name) == RECORD_OF_RELEASE


def _dangers(report: Report) -> Section:
    rows = [
        (f"**{step.operation}**", code(step.kind), code(step.name), _why(step, step.forced_by))
        for step in report.of("replace", "delete")
        if not _is_routine(step)
    ]
    columns, noun = ("Operation", "Kind", "Object", "Because of"), "replacements and deletions"
    return listing("Replacements and deletions", columns, rows, noun, 12_000)


def _only_in(other: Report, report: Report) -> Section:
    """What can hurt and only the other report tells, so that neither hides anything."""
    told = {(step.operation, step.kind, step.name) for step in report.steps}
    said = {(each.rule, each.subject) for each in report.findings}
    rows = [
        (f"**{step.operation}**", code(step.kind), code(step.name))
        for step in other.of("replace", "delete")
        if (step.operation, step.kind, step.name) not in told and not _is_routine(step)
    ]
    rows += [
        ("**mandatory**", _rule(each.rule), code(each.subject))
        for each in other.findings
        if each.mandatory and (each.rule, each.subject) not in said
    ]
    title, noun = f"Only in the {other.source} preview", "things that only the other preview tells"
    return listing(title, ("What", "Kind", "Object"), rows, noun, 8_000)


def _policies(report: Report) -> Section:
    rows = [
        (
            f"**{each.level}**" if each.mandatory else each.level,
            _rule(each.rule),
            code(each.subject),
            prose(each.message),
        )
        for each in report.findings
    ]
    columns = ("Level", "Rule", "Object", "What it says")
    return listing("Policies", columns, rows, "findings", 10_000)


def _rule(name: str) -> str:
    return f"[{name}]({PAGES}/{name}.md)" if re.fullmatch(r"[a-z0-9-]+", name) else code(name)


def _calendar(report: Report) -> Section:
    rows = [
        (code(each.name), _starts(each.before), _starts(each.after)) for each in report.calendar
    ]
    columns = ("Schedule", "Next starts, as it is", "As it will be")
    month = ("```text", *report.month, "```", "") if report.month else ()
    return listing("Experiments", columns, rows, "experiments", 6_000, above=month)


def _starts(starts: Iterable[str]) -> str:
    return "<br>".join(prose(start) for start in starts) or "none"


def _changes(report: Report) -> Section:
    steps = [step for step in report.steps if _is_routine(step)]
    steps += report.of("update", "create")
    rows = [(s.operation, code(s.kind), code(s.name), _why(s, places(s))) for s in steps]
    columns = ("Operation", "Kind", "Object", "Places")
    return listing("Other changes", columns, rows, "changes", 12_000)


def places(step: Step) -> list[str]:
    """Where an object changes."""
    return [each.path for each in step.differences if each.path]


def _why(step: Step, because_of: Sequence[str]) -> str:
    return prose(step.reason) or named(because_of)


def named(found: Sequence[str]) -> str:
    """The first of some places, and how many more there are."""
    more = len(found) - PLACES_NAMED
    shown = ", ".join(code(place, 60) for place in found[:PLACES_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown


def changes(title: str, steps: Iterable[Step]) -> Section:
    """The differences of objects, folded away."""
    return folded(title, ["\n".join(map(visible, _step(step))) for step in steps])


def _step(step: Step) -> Iterator[str]:
    why = f" ({step.reason})" if step.reason else ""
    yield f"{_SIGNS[step.operation]} {step.operation} {step.kind} {step.name}{why}"
    for each in step.differences:
        yield from _difference(each)


def _difference(each: Difference) -> Iterator[str]:
    if not each.path:  # a whole object
        yield from (f"+   {line}" for line in (each.new or "").splitlines())
        return
    yield f"@@ {each.path} @@"
    if each.old == each.new:
        yield "! changed; neither value is shown"
        return
    yield from (f"-   {line}" for line in (each.old or "").splitlines())
    yield from (f"+   {line}" for line in (each.new or "").splitlines())
