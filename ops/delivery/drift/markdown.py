"""A drift report as the text of an issue."""

from collections.abc import Iterator

from ops.delivery.drift.report import DriftReport, FluxDrift
from ops.delivery.preview.markdown import difference
from ops.delivery.preview.report import Step
from ops.delivery.preview.room import LARGEST, Section, fitted, folded, listing, row, size
from ops.delivery.preview.words import code, prose, visible

LABEL = "drift"


def marker(stack: str) -> str:
    """The line by which the issue of a stack is found again."""
    return f"<!-- brisa-platform drift:{stack} -->"


def title(report: DriftReport) -> str:
    """The title of the issue."""
    return f"Drift in {report.stack}"


def body(report: DriftReport, *, run_url: str = "") -> str:
    """The text of the issue, below the size that GitHub takes."""
    head = [*_head(report, run_url), ""]
    unhealed = [each for each in report.flux if not each.healed]
    healed = [each for each in report.flux if each.healed]
    sections = [
        _pulumi(report),
        _flux("Flux: not as Git says", unhealed),
        _flux("Flux: put right already", healed),
        _diff(report),
    ]
    where = f"see [the run]({run_url})" if run_url else "see the report of the run"
    lines = [*head, *fitted(sections, LARGEST - size(head), where)]
    return "\n".join(lines).rstrip() + "\n"


def summary(report: DriftReport) -> str:
    """What was found, in a line."""
    unhealed = sum(not each.healed for each in report.flux)
    healed = len(report.flux) - unhealed
    parts = [f"{len(report.pulumi)} objects of the stack"] if report.pulumi else []
    parts += [f"{unhealed} objects of Flux"] if unhealed else []
    drifted = f"drift in {' and '.join(parts)}" if parts else "no drift"
    return f"{drifted}; {healed} healed by Flux" if healed else drifted


def _head(report: DriftReport, run_url: str) -> Iterator[str]:
    yield marker(report.stack)
    yield f"**{summary(report)}** in `{report.stack}`, {report.at:%Y-%m-%d %H:%M} UTC"
    if report.pending:
        yield ""
        yield (
            f"{report.pending} changes are declared and not deployed yet; they are no drift and "
            "not listed."
        )
    yield ""
    yield (
        "The drift is gone."
        if report.well
        else "Take it back with `pulumi up --refresh`, or declare it. This issue is kept up to "
        "date, and closed when the drift is gone."
    )
    if run_url:
        yield ""
        yield f"[The run]({run_url})"


def _pulumi(report: DriftReport) -> Section:
    rows = [
        row(
            code(step.kind),
            code(step.name),
            happened(step),
            ", ".join(code(each.path, 60) for each in step.differences[:5] if each.path),
        )
        for step in report.pulumi
    ]
    columns = ("Kind", "Object", "What", "Places")
    return listing("Pulumi: changed by hand", columns, rows, "objects", 20_000)


def happened(step: Step) -> str:
    """What somebody has done to an object, by what an `up` would do about it."""
    return {"create": "was deleted", "delete": "was added"}.get(step.operation, "was changed")


def _flux(title: str, found: list[FluxDrift]) -> Section:
    rows = [row(code(each.kind), code(each.name), prose(each.what)) for each in found]
    return listing(title, ("Kind", "Object", "What"), rows, "objects", 12_000)


def _diff(report: DriftReport) -> Section:
    changed = [step for step in report.pulumi if step.operation != "create"]
    blocks = ["\n".join(map(visible, _step(step))) for step in changed]
    return folded("What the next up would take back", blocks)


def _step(step: Step) -> Iterator[str]:
    yield f"! {step.kind} {step.name}"
    for each in step.differences:
        yield from difference(each)
