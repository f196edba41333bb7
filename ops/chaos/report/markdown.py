"""The report as people read it: Markdown. Pure."""

from collections.abc import Iterator, Sequence

from ops.chaos.report.document import ChaosReport, Indicator, Noticed
from ops.cluster.objects import format_time

RESULTS = {
    "held": "The hypothesis held.",
    "refuted": "The hypothesis did not hold.",
    "none": "No verdict.",
}
GRADES = {"seen": "it saw the fault", "missed": "it missed the fault", "none": "no grade"}


def markdown(report: ChaosReport, plot: str | None = None) -> str:
    """Write a report.

    `plot` is the address of the picture to be shown in it.
    """
    return "\n".join(_lines(report, plot)).rstrip() + "\n"


def _lines(report: ChaosReport, plot: str | None) -> Iterator[str]:
    run = report.run
    yield f"# {run.schedule or run.name or run.service}: {RESULTS[report.verdict.result]}"
    yield ""
    yield from _about(report)
    yield ""
    yield "## Verdict"
    yield ""
    yield f"{RESULTS[report.verdict.result]}"
    yield ""
    yield from (f"- {_plain(reason)}" for reason in report.verdict.reasons)
    yield ""
    if report.score is not None:
        yield f"Score: {report.score:g} of 100 for what was expected and came true."
        yield ""
    yield "## Service"
    yield ""
    yield "| | Before | During | After | Objective |"
    yield "|---|---|---|---|---|"
    yield from (_row(each) for each in report.indicators)
    yield ""
    recovered = report.recovery
    time = "not seen" if recovered.seconds is None else f"{recovered.seconds:g} s after the fault"
    yield f"Recovery: {time} ({recovered.basis}). Objectives by {report.objectives.source}."
    if plot:
        yield ""
        yield f"![Requests, errors and latency around the fault]({plot})"
    yield ""
    yield "## Who noticed"
    yield ""
    yield f"Detector: {GRADES[report.detector.grade]}: {_plain(report.detector.reason)}."
    yield ""
    yield from _noticed("Alerts", report.alerts)
    yield from _noticed("Anomalies", report.anomalies)
    if report.unknown:
        yield "## Not known"
        yield ""
        yield from (f"- {_plain(each)}" for each in report.unknown)


def _about(report: ChaosReport) -> Iterator[str]:
    run = report.run
    yield "| | |"
    yield "|---|---|"
    yield f"| Hypothesis | {_plain(run.hypothesis) or 'nobody wrote one down'} |"
    if run.name:
        yield f"| Run | {run.kind}/{run.name} in {run.namespace} |"
    yield f"| Service | {run.service or 'not known'} in {run.service_namespace} |"
    yield f"| From | {format_time(run.start) if run.start else 'nothing was hit'} |"
    yield f"| To | {format_time(run.end) if run.end else 'still under way'} |"
    if run.name:
        yield f"| Hit | {_plain(', '.join(run.targets)) or 'nothing'} |"
    if run.owner:
        yield f"| Owner | {_plain(run.owner)} |"
    if run.aborted:
        yield f"| Stopped | by {_plain(run.aborted)} |"
    if run.failures:
        yield f"| Failures | {_plain('; '.join(run.failures))} |"


def _row(each: Indicator) -> str:
    names = {"requests": "Requests", "errors": "Errors", "latency_p95": "Latency, 95 %"}
    figures = (each.before, each.during, each.after, each.objective)
    return f"| {names[each.name]} | " + " | ".join(_figure(each, v) for v in figures) + " |"


def _figure(each: Indicator, value: float | None) -> str:
    if value is None:
        return "-"
    if each.unit == "share":
        return f"{value:.2%}"
    return f"{value:.4g} ms" if each.unit == "ms" else f"{value:.4g}/s"


def _noticed(title: str, found: Sequence[Noticed]) -> Iterator[str]:
    if not found:
        yield f"{title}: none."
        yield ""
        return
    yield f"| {title} | First | About |"
    yield "|---|---|---|"
    for each in found:
        about = ", ".join(f"{key}={value}" for key, value in each.labels.items())
        severity = f" ({each.severity})" if each.severity else ""
        collateral = "" if each.expected else " (collateral)"
        yield (
            f"| {_plain(each.name)}{severity} | {format_time(each.first)} | "
            f"{_plain(about)}{collateral} |"
        )
    yield ""


def _plain(text: str) -> str:
    """Text of others, so that it stays one cell or one line."""
    return " ".join(text.replace("|", "\\|").split())
