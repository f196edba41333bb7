"""The report as people read it: Markdown. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from ops.chaos.report.document import ChaosReport, Indicator, Noticed
from ops.cluster.objects import format_time

RESULTS = {
    "held": "The hypothesis held.",
    "refuted": "The hypothesis did not hold.",
    "none": "No verdict.",
}
GRADES = {"seen": "it saw the fault", "missed": "it missed the fault", "none": "no grade"}
NAMES = {"requests": "Requests", "errors": "Errors", "latency_p95": "Latency, 95 %"}


def markdown(report: ChaosReport, plot: str | None = None) -> str:
    """Write a report.

    `plot` is the address of the picture to be shown in it.
    """
    run, result, recovered = report.run, RESULTS[report.verdict.result], report.recovery
    time = "not seen" if recovered.seconds is None else f"{recovered.seconds:g} s after the fault"
    detector = f"{GRADES[report.detector.grade]}: {_plain(report.detector.reason)}"
    parts = (
        f"# {run.schedule or run.name or run.service}: {result}",
        _table(("", ""), _about(report)),
        f"## Verdict\n\n{result}",
        _list(report.verdict.reasons),
        _score(report.score),
        "## Service",
        _table(("", "Before", "During", "After", "Objective"), map(_row, report.indicators)),
        f"Recovery: {time} ({recovered.basis}). Objectives by {report.objectives.source}.",
        f"![Requests, errors and latency around the fault]({plot})" if plot else "",
        f"## Who noticed\n\nDetector: {detector}.",
        _noticed("Alerts", report.alerts),
        _noticed("Anomalies", report.anomalies),
        f"## Not known\n\n{_list(report.unknown)}" if report.unknown else "",
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def _score(score: float | None) -> str:
    return "" if score is None else f"Score: {score:g} of 100 for what was expected and came true."


def _about(report: ChaosReport) -> Iterator[tuple[str, str]]:
    run = report.run
    yield "Hypothesis", _plain(run.hypothesis) or "nobody wrote one down"
    if run.name:
        yield "Run", f"{run.kind}/{run.name} in {run.namespace}"
    yield "Service", f"{run.service or 'not known'} in {run.service_namespace}"
    yield "From", format_time(run.start) if run.start else "nothing was hit"
    yield "To", format_time(run.end) if run.end else "still under way"
    if run.name:
        yield "Hit", _plain(", ".join(run.targets)) or "nothing"
    if run.owner:
        yield "Owner", _plain(run.owner)
    if run.aborted:
        yield "Stopped", f"by {_plain(run.aborted)}"
    if run.failures:
        yield "Failures", _plain("; ".join(run.failures))


def _row(each: Indicator) -> Sequence[str]:
    figures = (each.before, each.during, each.after, each.objective)
    return NAMES[each.name], *(_figure(each, value) for value in figures)


def _figure(each: Indicator, value: float | None) -> str:
    if value is None:
        return "-"
    if each.unit == "share":
        return f"{value:.2%}"
    return f"{value:.4g} ms" if each.unit == "ms" else f"{value:.4g}/s"


def _noticed(title: str, found: Sequence[Noticed]) -> str:
    rows = []
    for each in found:
        about = ", ".join(f"{key}={value}" for key, value in each.labels.items())
        severity = f" ({each.severity})" if each.severity else ""
        collateral = "" if each.expected else " (collateral)"
        name = f"{_plain(each.name)}{severity}"
        rows.append((name, format_time(each.first), f"{_plain(about)}{collateral}"))
    return _table((title, "First", "About"), rows) if rows else f"{title}: none."


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "|".join(f" {each} " if each else " " for each in columns)
    lines = [f"|{head}|", "|---" * len(columns) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def _list(sentences: Iterable[str]) -> str:
    return "\n".join(f"- {_plain(each)}" for each in sentences)


def _plain(text: str) -> str:
    """Text of others, so that it stays one cell or one line."""
    return " ".join(text.replace("|", "\\|").split())
