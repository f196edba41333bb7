"""The report's plot: requests, errors and latency around the fault, as SVG."""

from datetime import UTC
from io import StringIO

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ops.chaos.report.document import ChaosReport
from ops.chaos.report.figures import Figures, Phases, Points

LEGEND = "red: the fault; orange: the objective; violet: the first anomaly"


def svg(report: ChaosReport, figures: Figures) -> str:
    """Draw a report; empty panels say that there is no data."""
    run = report.run
    title = f"{run.schedule or run.name or run.service}: {report.verdict.result}"
    figure = Figure(figsize=(8.6, 5.6), layout="constrained")
    figure.suptitle(f"{title}\n{LEGEND}", fontsize=10)
    top, middle, bottom = figure.subplots(3, sharex=True)
    known = report.objectives
    _panel(top, "requests per second", figures.requests, None, report)
    _panel(middle, "share of errors", figures.errors, known.error_share, report)
    _panel(bottom, "95th percentile, ms", figures.latency, known.p95_milliseconds, report)
    phases = _phases(report)
    bottom.set_xticks(
        [phases.start.timestamp(), phases.end.timestamp()],
        [f"{phases.start:%H:%M:%S}", f"{phases.end:%H:%M:%S}"],
    )
    # Side by side: most faults are shorter than the words are wide.
    for label, side in zip(bottom.get_xticklabels(), ("right", "left"), strict=True):
        label.set_horizontalalignment(side)
    drawn = StringIO()
    # Words stay words, and the same report is the same picture.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": title}):
        figure.savefig(drawn, format="svg", metadata={"Title": title, "Date": None})
    return drawn.getvalue()


def _panel(axes: Axes, name: str, points: Points, limit: float | None, report: ChaosReport) -> None:
    phases = _phases(report)
    axes.set_title(name, loc="left", fontsize=9)
    axes.axvspan(phases.start.timestamp(), phases.end.timestamp(), color="#d9534f", alpha=0.18)
    if limit is not None:
        axes.axhline(limit, color="#b35900", linestyle="--")
    for noticed in report.anomalies[:1]:
        axes.axvline(noticed.first.timestamp(), color="#6a3d9a")
    if points:
        axes.plot(*zip(*points, strict=True), color="#1f5fa8", gid=name)
    else:
        axes.text(0.01, 0.8, "no data", transform=axes.transAxes)
    axes.set(xlim=(phases.first.timestamp(), phases.last.timestamp()))
    axes.set_ylim(bottom=0)


def _phases(report: ChaosReport) -> Phases:
    now = report.at.astimezone(UTC)
    return Phases(*((each or now).astimezone(UTC) for each in (report.run.start, report.run.end)))
