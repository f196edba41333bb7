"""A rectangle with two axes: where a time and a value lie in it, its grid, and spans across it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from anomaly.offline.spans import Spans, Vector
from anomaly.plotting import svg
from anomaly.plotting.axes import Tick
from anomaly.times import utc

MARK = 4.0
"""Height of the marks of spans, in pixels."""

LEAST_WIDTH = 1.5
"""Width of the briefest span, in pixels, and the gap that is still seen between two."""


@dataclass(frozen=True)
class Bar:
    """One or more neighbouring spans on the screen."""

    left: float
    """Pixels."""

    right: float
    """Pixels."""

    which: slice
    """The spans that it shows."""


@dataclass(frozen=True)
class Panel:
    """Axes from what they show to pixels."""

    start: float
    """Epoch seconds at the left edge."""

    end: float
    """Epoch seconds at the right edge; later."""

    left: float
    """Pixels."""

    right: float
    """Pixels."""

    low: float
    """Value at the bottom."""

    high: float
    """Value at the top; greater."""

    top: float
    """Pixels, counted downwards."""

    bottom: float
    """Pixels."""

    def x(self, times: Vector) -> Vector:
        """Where times lie."""
        width = self.right - self.left
        place: Vector = self.left + (times - self.start) * (width / (self.end - self.start))
        return place

    def y(self, values: Vector) -> Vector:
        """Where values lie; those beyond the axis lie at its ends."""
        height = self.bottom - self.top
        inside = np.clip(values, self.low, self.high)
        place: Vector = self.bottom - (inside - self.low) * (height / (self.high - self.low))
        return place

    def frame(self) -> str:
        """The rectangle's edge."""
        return self._box(self.left, self.right, self.top, self.bottom, "frame")

    def grid(self, across: Sequence[Tick], along: Sequence[Tick]) -> Iterator[str]:
        """A line at every tick, and the values' labels at the left."""
        for tick in along:
            x = float(self.x(np.array([tick.at]))[0])
            yield svg.element("line", x1=x, x2=x, y1=self.top, y2=self.bottom, class_="grid")
        for tick in across:
            y = float(self.y(np.array([tick.at]))[0])
            yield svg.element("line", x1=self.left, x2=self.right, y1=y, y2=y, class_="grid")
            yield svg.text(tick.label, self.left - 8, y + 4, text_anchor="end")

    def shade(self, spans: Spans, kind: str, names: Sequence[str] = ()) -> Iterator[str]:
        """Spans over the whole height; which they are stands in their tooltips."""
        for bar in self._bars(spans):
            first, *others = range(len(spans))[bar.which]
            words = f"{utc(spans.starts[first])} to {utc(spans.ends[(first, *others)[-1]])}"
            name = f"{1 + len(others)} of them" if others else names[first] if names else kind
            tooltip = svg.title(f"{name}: {words}")
            yield self._box(bar.left, bar.right, self.top, self.bottom, kind, tooltip)

    def mark(self, spans: Spans, kind: str, top: float) -> str:
        """Spans as short strong bars, so that the briefest is seen."""
        corners = [
            [svg.number(each) for each in (bar.left, top, bar.right, top + MARK)]
            for bar in self._bars(spans)
        ]
        path = "".join(f"M{left},{y}H{right}V{end}H{left}Z" for left, y, right, end in corners)
        return svg.element("path", d=path, class_=kind)

    def _bars(self, spans: Spans) -> list[Bar]:
        """Spans as wide as they can be seen; those that no eye could tell apart as one."""
        left, right = (
            np.clip(self.x(each), self.left, self.right) for each in (spans.starts, spans.ends)
        )
        right = np.maximum.accumulate(np.maximum(right, left + LEAST_WIDTH))
        cuts = np.flatnonzero(left[1:] - right[:-1] >= LEAST_WIDTH) + 1
        borders = [0, *cuts.tolist(), len(spans)] if len(spans) else []
        return [
            Bar(float(left[first]), float(right[stop - 1]), slice(first, stop))
            for first, stop in pairwise(borders)
        ]

    @staticmethod
    def _box(left: float, right: float, top: float, bottom: float, kind: str, *inside: str) -> str:
        width, height = right - left, bottom - top
        return svg.element("rect", *inside, x=left, y=top, width=width, height=height, class_=kind)
