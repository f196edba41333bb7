"""Timelines as PNG, where matplotlib is installed."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from anomaly.offline.spans import Vector
from anomaly.plotting.timeline import Timeline, count, score_limit, value_range

INCHES = (12.0, 3.9)
"""Width, and height of one timeline."""


def save(path: Path, timelines: Sequence[Timeline]) -> None:
    """Draw timelines, one below the other."""
    width, height = INCHES
    whole = Figure(figsize=(width, height * len(timelines)), layout="constrained")
    parts = whole.subfigures(len(timelines), 1, squeeze=False)[:, 0]
    for part, timeline in zip(parts, timelines, strict=True):
        main, strip = part.subplots(2, 1, sharex=True, height_ratios=(4, 1))
        _draw(main, strip, timeline)
    whole.savefig(path, dpi=100)


def _draw(main: Axes, strip: Axes, of: Timeline) -> None:
    times = _dates(of.timestamps)
    main.fill_between(times, of.lower, of.upper, color="#4c8dff", alpha=0.2, lw=0, label="normal")
    main.plot(times, of.expected, color="#4c8dff", lw=1, label="expected")
    main.plot(times, of.values, color="#1c2128", lw=0.9, label="measured")
    strip.fill_between(times, 0, of.score, color="#8250df", alpha=0.6, lw=0.8)
    strip.axhline(1, color="#d1242f", ls="--", lw=1)
    for spans, colour, name in (
        (of.incidents, "#e0a100", "incident"),
        (of.alerts, "#d1242f", "alert"),
    ):
        limits = zip(_dates(spans.starts), _dates(spans.ends), strict=True)
        for place, (start, end) in enumerate(limits):
            label = None if place else count(spans, name)
            main.axvspan(start, end, color=colour, alpha=0.25, label=label)
    main.set_ylim(*value_range(of))
    strip.set_ylim(0, score_limit(of))
    main.set_title(of.name, loc="left")
    main.legend(loc="upper right", ncols=5, fontsize="small")
    strip.set_xlabel("UTC")


def _dates(epochs: Vector) -> NDArray[np.datetime64]:
    return (epochs * 1000).astype("datetime64[ms]")
