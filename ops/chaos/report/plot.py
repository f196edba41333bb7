"""The report's plot: requests, errors and latency around the fault, as SVG. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape

from ops.chaos.report.document import ChaosReport
from ops.chaos.report.figures import Figures, Phases, Points

WIDTH, PANEL, GAP, LEFT, TOP = 860, 120, 34, 70, 46
INNER = WIDTH - LEFT - 20
STYLE = (
    "text{font:12px sans-serif;fill:#333}.t{font-weight:bold}.l{fill:none;stroke:#1f5fa8;"
    "stroke-width:1.5}.f{fill:#d9534f;opacity:.18}.o{stroke:#b35900;stroke-dasharray:5 4}"
    ".a{stroke:#6a3d9a}.b{fill:none;stroke:#bbb}"
)


def svg(report: ChaosReport, figures: Figures) -> str:
    """Draw a report; empty panels say that there is no data."""
    run = report.run
    phases = Phases(run.start or report.at, run.end or report.at)
    panels: Sequence[tuple[str, Points, float | None]] = (
        ("requests per second", figures.requests, None),
        ("share of errors", figures.errors, report.objectives.error_share),
        ("95th percentile, ms", figures.latency, report.objectives.p95_milliseconds),
    )
    height = TOP + len(panels) * (PANEL + GAP) + 10
    title = f"{run.schedule or run.name or run.service}: {report.verdict.result}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title)}">'
    )
    legend = "red: the fault; orange: the objective; violet: the first anomaly"
    lines = [
        head,
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text class="t" x="{LEFT}" y="20">{escape(title)}</text>',
        f'<text x="{LEFT}" y="36">{legend}</text>',
    ]
    for index, (name, points, limit) in enumerate(panels):
        top = TOP + index * (PANEL + GAP) + 16
        lines += _panel(name, points, limit=limit, phases=phases, report=report, top=top)
    return "\n".join([*lines, "</svg>", ""])


def _panel(
    name: str,
    points: Points,
    *,
    limit: float | None,
    phases: Phases,
    report: ChaosReport,
    top: float,
) -> Iterator[str]:
    bottom = top + PANEL
    first, last = phases.first.timestamp(), phases.last.timestamp()

    def x(moment: float) -> float:
        return LEFT + INNER * (moment - first) / (last - first)

    highest = max([value for _, value in points] + [limit or 0.0], default=0.0) * 1.1 or 1.0

    def y(value: float) -> float:
        return bottom - PANEL * value / highest

    yield f'<text x="{LEFT}" y="{top - 4:.1f}">{escape(name)}</text>'
    yield f'<rect class="b" x="{LEFT}" y="{top:.1f}" width="{INNER}" height="{PANEL}"/>'
    begin, end = x(phases.start.timestamp()), x(phases.end.timestamp())
    yield (
        f'<rect class="f" x="{begin:.1f}" y="{top:.1f}" width="{max(end - begin, 2):.1f}" '
        f'height="{PANEL}"/>'
    )
    if limit is not None:
        yield _line("o", LEFT, y(limit), LEFT + INNER, y(limit))
    for noticed in report.anomalies[:1]:
        moment = x(noticed.first.timestamp())
        yield _line("a", moment, top, moment, bottom)
    if points:
        path = " ".join(f"{x(moment):.1f},{y(value):.1f}" for moment, value in points)
        yield f'<polyline class="l" points="{path}"/>'
    else:
        yield f'<text x="{LEFT + 8}" y="{top + 20:.1f}">no data</text>'
    yield f'<text x="6" y="{top + 10:.1f}">{float(f"{highest:.3g}"):g}</text>'
    yield f'<text x="6" y="{bottom:.1f}">0</text>'
    # Side by side: most faults are shorter than the words are wide.
    for edge, anchor in ((phases.start, "end"), (phases.end, "start")):
        place = f'x="{x(edge.timestamp()):.1f}" y="{bottom + 14:.1f}" text-anchor="{anchor}"'
        yield f"<text {place}>{_clock(edge)}</text>"


def _line(style: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _clock(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%H:%M:%S")
