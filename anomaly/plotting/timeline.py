"""One series over time: its values in their band, the alerts on it, and its score below.

A `Timeline` is what there is to show; `figure` makes one SVG file of one or more of them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import compress
from typing import Self

import numpy as np

from anomaly.offline.spans import Spans, Vector
from anomaly.plotting import svg
from anomaly.plotting.axes import Tick, time_ticks, value_ticks
from anomaly.plotting.envelope import area, columns, line
from anomaly.plotting.panel import MARK, Panel
from anomaly.plotting.theme import STYLE

WIDTH = 1200
LEFT, RIGHT = 64, 20
HEAD, MAIN, GAP, STRIP, FOOT = 52, 230, 10, 64, 34
HEIGHT = HEAD + MAIN + GAP + STRIP + FOOT

TIME_TICKS, VALUE_TICKS, SCORE_TICKS = 12, 5, 3
LEAST_SCORE, MOST_SCORE = 2.0, 10.0
"""The score's axis ends between these; what lies higher is drawn at its end."""

LARGEST = 1e300
"""An axis of values ends here, so that its length is still a number."""

BAND_ROOM = 0.5
"""How far the band may widen the axis of the values, as a share of their own range."""


@dataclass(frozen=True)
class Timeline:
    """One series; arrays are (time,)."""

    name: str
    """What stands above it."""

    timestamps: Vector
    """Epoch seconds, not decreasing; at least one."""

    values: Vector
    """What was measured; NaN where missing."""

    expected: Vector
    """What was expected; NaN where nothing was."""

    lower: Vector
    """Lower edge of what was normal."""

    upper: Vector
    """Upper edge of what was normal."""

    score: Vector
    """How anomalous each point was; 1 is the threshold."""

    alerts: Spans
    """When alerts were open."""

    incidents: Spans
    """When, as somebody knows, something was wrong: labels, or faults made on purpose."""

    incident_names: tuple[str, ...] = ()
    """What each incident is called; empty where they have no names."""

    def since(self, start: float) -> Self:
        """The part from a moment on; all of it where nothing is left."""
        first = int(np.searchsorted(self.timestamps, start))
        if not 0 < first < len(self.timestamps):
            return self
        arrays = ("timestamps", "values", "expected", "lower", "upper", "score")
        late = [span.ends >= self.timestamps[first] for span in (self.alerts, self.incidents)]
        return replace(
            self,
            **{name: getattr(self, name)[first:] for name in arrays},
            alerts=self.alerts.only(late[0]),
            incidents=self.incidents.only(late[1]),
            incident_names=tuple(compress(self.incident_names, late[1])),
        )


def figure(timelines: Sequence[Timeline]) -> str:
    """One SVG file, the timelines one below the other."""
    parts = [svg.element("rect", class_="paper", width="100%", height="100%")]
    parts += [
        svg.element("g", *_timeline(each), transform=f"translate(0 {place * HEIGHT})")
        for place, each in enumerate(timelines)
    ]
    label = "; ".join(each.name for each in timelines)
    return svg.document(WIDTH, HEIGHT * len(timelines), STYLE, parts, label)


def _timeline(of: Timeline) -> Iterator[str]:
    start, end = float(of.timestamps[0]), float(of.timestamps[-1])
    if start == end:
        start, end = start - 1, end + 1
    across = (start, end, LEFT, WIDTH - RIGHT)
    main = Panel(*across, *value_range(of), top=HEAD, bottom=HEAD + MAIN)
    strip = Panel(*across, 0.0, score_limit(of), top=HEAD + MAIN + GAP, bottom=HEIGHT - FOOT)
    yield svg.text(of.name, LEFT, 20, class_="name")
    yield from _legend(of)
    ticks = time_ticks(start, end, TIME_TICKS)
    yield from main.grid(value_ticks(main.low, main.high, VALUE_TICKS), ticks)
    yield from strip.grid(value_ticks(strip.low, strip.high, SCORE_TICKS), ticks)
    yield from _spans(main, strip, of)
    yield from _series(main, of)
    yield from _score(strip, of)
    yield main.frame()
    yield strip.frame()
    yield from _times(strip, ticks)


def count(spans: Spans, what: str) -> str:
    """How many there are."""
    return f"{len(spans)} {what}" if len(spans) == 1 else f"{len(spans)} {what}s"


def value_range(of: Timeline) -> tuple[float, float]:
    """All values, and as much of the band as leaves them most of the room."""
    values = of.values[np.isfinite(of.values)]
    if not len(values):
        return 0.0, 1.0
    low, high = (float(np.clip(end, -LARGEST, LARGEST)) for end in (values.min(), values.max()))
    room = BAND_ROOM * (high - low) or abs(high)
    lower, upper = (edge[np.isfinite(edge)] for edge in (of.lower, of.upper))
    low = min(low, max(float(lower.min(initial=low)), low - room))
    high = max(high, min(float(upper.max(initial=high)), high + room))
    margin = 0.04 * (high - low) or max(abs(high) * 0.1, 1.0)
    return low - margin, high + margin


def score_limit(of: Timeline) -> float:
    """Where the score's axis ends; it begins at 0."""
    scores = of.score[np.isfinite(of.score)]
    return float(np.clip(scores.max(initial=0.0) * 1.05, LEAST_SCORE, MOST_SCORE))


def _series(panel: Panel, of: Timeline) -> Iterator[str]:
    x = panel.x(of.timestamps)
    lower = columns(of.timestamps, x, np.where(np.isfinite(of.upper), of.lower, np.nan))
    upper = columns(of.timestamps, x, np.where(np.isfinite(of.lower), of.upper, np.nan))
    yield svg.element("path", d=area(upper, panel.y(upper.high), panel.y(lower.low)), class_="band")
    for values, kind in ((of.expected, "expected"), (of.values, "value")):
        points = columns(of.timestamps, x, values)
        yield svg.element(
            "path", d=line(points, panel.y(points.low), panel.y(points.high)), class_=kind
        )


def _score(panel: Panel, of: Timeline) -> Iterator[str]:
    points = columns(of.timestamps, panel.x(of.timestamps), of.score)
    base = panel.y(np.zeros(len(points.high)))
    yield svg.element("path", d=area(points, panel.y(points.high), base), class_="score")
    height = float(panel.y(np.ones(1))[0])
    yield svg.element(
        "line", x1=panel.left, x2=panel.right, y1=height, y2=height, class_="threshold"
    )


def _spans(main: Panel, strip: Panel, of: Timeline) -> Iterator[str]:
    """Incidents marked at the top, alerts at the bottom, so that neither hides the other."""
    yield from main.shade(of.incidents, "incident", of.incident_names)
    yield from main.shade(of.alerts, "alert")
    yield main.mark(of.incidents, "incident-mark", main.top)
    yield main.mark(of.alerts, "alert-mark", main.bottom - MARK)
    yield from strip.shade(of.incidents, "incident", of.incident_names)


def _legend(of: Timeline) -> Iterator[str]:
    entries = [("value", "measured"), ("expected", "expected"), ("band", "normal")]
    entries += [("alert-mark", count(of.alerts, "alert"))]
    if len(of.incidents):
        entries += [("incident-mark", count(of.incidents, "incident"))]
    entries += [("score", "score"), ("threshold", "threshold")]
    x = float(LEFT)
    for kind, words in entries:
        if kind in ("value", "expected", "threshold"):
            yield svg.element("line", x1=x, x2=x + 18, y1=36, y2=36, class_=kind)
        else:
            yield svg.element("rect", x=x, y=31, width=18, height=10, class_=kind)
        yield svg.text(words, x + 24, 40)
        x += 24 + 6.6 * len(words) + 22


def _times(panel: Panel, ticks: Sequence[Tick]) -> Iterator[str]:
    for tick in ticks:
        x = float(panel.x(np.array([tick.at]))[0])
        yield svg.text(tick.label, x, panel.bottom + 15, text_anchor="middle")
    first, last = (datetime.fromtimestamp(each, UTC) for each in (panel.start, panel.end))
    words = f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
    yield svg.text(words, panel.right, 20, text_anchor="end")
