"""Pictures of series: what was measured in its band, the alerts on it, and its score below.

Drawn by matplotlib, the same bytes whenever the same is drawn. Long series are thinned to what
pixels can show.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from anomaly.errors import OutputError
from anomaly.offline.explain import Verdicts
from anomaly.offline.faults import FaultWindow
from anomaly.offline.grade import Mask, Spans, Vector, spans, step_seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INCHES = (12.0, 3.9)
"""Width, and height of one series."""

COLUMNS = 1200
"""Places across, at each of which a line goes through its least and its greatest value."""

GAP_STEPS = 1.5
"""Neighbours further apart than so many usual steps are not joined."""

DAY = 86_400.0
"""Seconds; matplotlib counts time in days since the epoch."""

LEAST_SCORE, MOST_SCORE = 2.0, 10.0
"""The score's axis ends between these."""

LARGEST = 1e300
"""An axis of values ends here, so that its length is still a number."""

BAND_ROOM = 0.5
"""How far the band may widen the axis of the values, as a share of their own range."""

STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "anomaly", "font.size": 9.0}
REPRODUCIBLE = {".svg": {"Date": None}, ".png": {"Software": None}}


@dataclass(frozen=True)
class Timeline:
    """One series, and when something was known to be wrong with it."""

    verdicts: Verdicts
    """What the detector said; at least one point."""

    incidents: Spans
    """Labels, or faults that were made on purpose."""

    @classmethod
    def of(
        cls, verdicts: Verdicts, incidents: Mask | None = None, faults: Sequence[FaultWindow] = ()
    ) -> "Timeline":
        """Faults come before labels."""
        limits = np.array([fault.span for fault in faults]).reshape(len(faults), 2)
        known = Spans(limits[:, 0], limits[:, 1])
        if incidents is not None and not faults:
            known = spans(verdicts.timestamps, incidents)
        return cls(verdicts, known)


def draw(path: Path, timelines: Sequence[Timeline], since: float = -np.inf) -> None:
    """Draw timelines from a moment on, one below the other, as .svg or .png.

    Raises:
        OutputError: the file cannot be written.
    """
    from matplotlib import rc_context  # noqa: PLC0415 - takes half a second

    with rc_context(STYLE):
        try:
            figure(timelines, since).savefig(path, dpi=100, metadata=REPRODUCIBLE[path.suffix])
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror}") from None


def figure(timelines: Sequence[Timeline], since: float = -np.inf) -> "Figure":
    """The same before it is a file."""
    from matplotlib.figure import Figure  # noqa: PLC0415

    width, height = INCHES
    whole = Figure(figsize=(width, height * len(timelines)), layout="constrained")
    parts = whole.subfigures(len(timelines), 1, squeeze=False)[:, 0]
    for part, timeline in zip(parts, timelines, strict=True):
        main, strip = part.subplots(2, 1, sharex=True, height_ratios=(4, 1))
        _draw(main, strip, timeline, since)
    return whole


def _draw(main: "Axes", strip: "Axes", of: Timeline, since: float) -> None:
    said = of.verdicts
    first = int(np.searchsorted(said.timestamps, since))
    shown = slice(first if first < len(said.timestamps) else 0, None)
    times, values, score = said.timestamps[shown] / DAY, said.values[shown], said.score[shown]
    lower, upper = said.lower[shown], said.upper[shown]
    at, low, high = _thinned(times, np.where(np.isfinite(lower), upper, np.nan), lower)
    main.fill_between(at, low, high, color="#4c8dff", alpha=0.2, lw=0, label="normal")
    for row, name, colour in (
        (said.expected[shown], "expected", "#4c8dff"),
        (values, "measured", "#1c2128"),
    ):
        at, low, high = _thinned(times, row)
        both = np.stack([low, high], axis=1)
        twice = np.stack([np.full(len(at), fill_value=True), low != high], axis=1)
        marker = "." if np.isfinite(row).sum() == 1 else None
        line = np.stack([at, at], axis=1)[twice], both[twice]
        main.plot(*line, color=colour, lw=0.9, label=name, marker=marker)
    at, _, high = _thinned(times, score)
    strip.fill_between(at, 0, high, color="#8250df", alpha=0.6, lw=0.8)
    strip.axhline(1, color="#d1242f", ls="--", lw=1)
    for found, name, colour in (
        (Spans(of.incidents.starts / DAY, of.incidents.ends / DAY), "incident", "#e0a100"),
        (spans(times, said.alerting[shown]), "alert", "#d1242f"),
    ):
        known = found.only(found.ends >= times[0])
        if len(known):
            label = f"{len(known)} {name}" + ("s" if len(known) > 1 else "")
            bars = _visible(known, (times[-1] - times[0]) / COLUMNS)
            across = main.get_xaxis_transform()
            shade = main.broken_barh(bars, (0, 1), transform=across, label=label)
            shade.set(color=colour, alpha=0.25, linewidth=0)
    strip.xaxis_date()
    main.set_ylim(*_range(values, lower, upper))
    strip.set_ylim(0, np.clip(1.05 * np.nanmax(score, initial=0), LEAST_SCORE, MOST_SCORE))
    main.set_title(said.name, loc="left", parse_math=False)
    main.legend(loc="upper right", ncols=5, fontsize="small")
    strip.set_xlabel("UTC")
    strip.set_ylabel("score")


def _thinned(
    times: Vector, high: Vector, low: Vector | None = None
) -> tuple[Vector, Vector, Vector]:
    """The least and the greatest of each place across; NaN where neighbours are not joined."""
    low = high if low is None else low
    there = np.isfinite(high) & np.isfinite(low)
    at = times[there]
    if not len(at):
        return at, at, at
    places = np.floor((at - at[0]) * (COLUMNS / max(at[-1] - at[0], 1 / DAY)))
    far = np.diff(at) > GAP_STEPS * step_seconds(times)
    first = np.flatnonzero(np.concatenate([[True], (np.diff(places) > 0) | far]))
    least = np.clip(np.minimum.reduceat(low[there], first), -LARGEST, LARGEST)
    most = np.clip(np.maximum.reduceat(high[there], first), -LARGEST, LARGEST)
    holes = np.flatnonzero(far[first[1:] - 1]) + 1
    places = np.insert(at[first], holes, at[first][holes])
    return places, np.insert(least, holes, np.nan), np.insert(most, holes, np.nan)


def _visible(of: Spans, width: float) -> list[tuple[float, float]]:
    """Spans as wide as they can be seen; those that no eye could tell apart as one."""
    ends = np.maximum.accumulate(np.maximum(of.ends, of.starts + 2 * width))
    apart = of.starts[1:] - ends[:-1] >= width
    starts, stops = of.starts[np.append(True, apart)], ends[np.append(apart, True)]
    return list(zip(starts.tolist(), (stops - starts).tolist(), strict=True))


def _range(values: Vector, *edges: Vector) -> tuple[float, float]:
    """All values, and as much of the band as leaves them most of the room."""
    known = np.clip(values[np.isfinite(values)], -LARGEST, LARGEST)
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    room = BAND_ROOM * (high - low) or abs(high)
    lower, upper = (edge[np.isfinite(edge)] for edge in edges)
    low = min(low, max(float(lower.min(initial=low)), low - room))
    high = max(high, min(float(upper.max(initial=high)), high + room))
    margin = 0.04 * (high - low) or max(abs(high) * 0.1, 1.0)
    return low - margin, high + margin
