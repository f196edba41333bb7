"""A drift report as the text of an issue."""

from collections.abc import Iterator

from ops.delivery.drift.report import DriftReport, FluxDrift
from ops.delivery.preview.markdown import changes, named, places
from ops.delivery.preview.report import Step
from ops.delivery.preview.room import Section, listing, page
from ops.delivery.preview.words import code, prose


def body(report: DriftReport, *, run_url: str = "") -> str:
    """The text of the issue, below the size that GitHub takes."""
    unhealed = [each for each in report.flux if not each.healed]
    healed = [each for each in report.flux if each.healed]
    # What was deleted is there as a whole already, in what declares it.
    changed = [step for step in report.pulumi if step.operation != "create"]
    sections = [
        _pulumi(report),
        _flux("Flux: not as Git says", unhealed),
        _flux("Flux: put right already", healed),
        changes("What the next up would take back", changed),
    ]
    return page([*_head(report, run_url)], sections, run_url)


def summary(report: DriftReport) -> str:
    """What was found, in a line."""
    unhealed = sum(not each.healed for each in report.flux)
    healed = len(report.flux) - unhealed
    parts = [f"{len(report.pulumi)} objects of the stack"] if report.pulumi else []
    parts += [f"{unhealed} objects of Flux"] if unhealed else []
    drifted = f"drift in {' and '.join(parts)}" if parts else "no drift"
    return f"{drifted}; {healed} healed by Flux" if healed else drifted


def _head(report: DriftReport, run_url: str) -> Iterator[str]:
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
        (code(step.kind), code(step.name), _happened(step), named(places(step)))
        for step in report.pulumi
    ]
    columns = ("Kind", "Object", "What", "Places")
    return listing("Pulumi: changed by hand", columns, rows, "objects", 20_000)


def _happened(step: Step) -> str:
    """What somebody has done to an object, by what an `up` would do about it."""
    return {"create": "was deleted", "delete": "was added"}.get(step.operation, "was changed")


def _flux(title: str, found: list[FluxDrift]) -> Section:
    rows = [(code(each.kind), code(each.name), prose(each.what)) for each in found]
    return listing(title, ("Kind", "Object", "What"), rows, "objects", 12_000)
