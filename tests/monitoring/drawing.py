"""Small plots of a panel's answers, as SVG: enough to see what a board shows."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

COLOURS = ("#3274d9", "#e0752d", "#37872d", "#8f3bb8", "#c4162a", "#1f9e9e", "#b58900", "#6b7280")
NAMED = {"green": "#37872d", "orange": "#e0752d", "red": "#c4162a", "blue": "#3274d9"}
INK, FAINT, GRID = "#1f2430", "#6b7280", "#e3e6ec"
LEFT, TOP, BOTTOM = 56, 24, 32
GAP = 180
"""Seconds without a point after which a line is broken."""


@dataclass(frozen=True)
class Box:
    """A place on the picture."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True)
class Line:
    """A named series of points."""

    name: str
    points: Sequence[tuple[float, float]]


def figure(value: float, unit: str) -> str:
    """A value as people read it."""
    match unit:
        case "percentunit":
            return f"{_number(value * 100)} %"
        case "ms":
            return f"{value / 1000:.3g} s" if value >= 1000 else f"{value:.3g} ms"
        case "s":
            return _duration(value)
        case "dateTimeAsIso":
            return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    suffix = {"reqps": " req/s", "opm": " /min"}.get(unit, "")
    return f"{_number(value)}{suffix}"


def _number(value: float) -> str:
    if abs(value) >= 1e4:
        return f"{value / 1000:.0f} k"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _duration(seconds: float) -> str:
    for name, size in (("y", 31_557_600), ("d", 86400), ("h", 3600), ("min", 60)):
        if abs(seconds) >= size:
            return f"{seconds / size:.3g} {name}"
    return f"{seconds:.3g} s"


def text(x: float, y: float, words: str, **look: Any) -> str:
    """A line of text."""
    attributes = {"font-size": 11, "fill": INK, **{k.replace("_", "-"): v for k, v in look.items()}}
    told = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f'<text x="{x:.0f}" y="{y:.0f}" {told}>{escape(words)}</text>'


def frame(box: Box, title: str) -> Iterator[str]:
    """A panel's border and heading."""
    yield (
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{box.w:.0f}" height="{box.h:.0f}" rx="3" '
        f'fill="#fff" stroke="{GRID}"/>'
    )
    yield text(box.x + 8, box.y + 16, title, font_weight=600)


def plot(
    box: Box,
    lines: Sequence[Line],
    unit: str,
    span: tuple[float, float],
    *,
    stacked: bool,
    bands: Sequence[tuple[str, str]],
) -> Iterator[str]:
    """Lines over time; `bands` names lines between which it is filled."""
    if stacked:
        lines = _stacked(lines)
    values = [value for line in lines for _, value in line.points]
    top = max(values, default=1.0) * 1.05 or 1.0
    inner = Box(box.x + LEFT, box.y + TOP, box.w - LEFT - 10, box.h - TOP - BOTTOM - 12)
    for share in (0, 0.5, 1):
        y = inner.y + inner.h * (1 - share)
        yield f'<path d="M{inner.x:.0f} {y:.0f}h{inner.w:.0f}" stroke="{GRID}"/>'
        label = figure(top * share, unit)
        yield text(inner.x - 4, y + 3, label, font_size=9, fill=FAINT, text_anchor="end")
    yield from _clock(inner, span)
    named = {line.name: line for line in lines}
    for lower, upper in bands:
        there = _path(named[lower].points, inner, span, top)
        back = _path([*reversed(named[upper].points)], inner, span, top).replace("M", "L", 1)
        yield f'<path d="{there}{back}z" fill="{COLOURS[0]}" fill-opacity=".12"/>'
    for place, line in enumerate(lines):
        path = _path(line.points, inner, span, top)
        yield f'<path d="{path}" fill="none" stroke="{COLOURS[place % 8]}" stroke-width="1.3"/>'
    yield from _legend(box, [line.name for line in lines])


def timeline(
    box: Box, lines: Sequence[Line], words: Mapping[str, Any], span: tuple[float, float]
) -> Iterator[str]:
    """States over time."""
    inner = Box(box.x + 120, box.y + TOP, box.w - 130, box.h - TOP - BOTTOM - 12)
    height = inner.h / max(len(lines), 1)
    for place, line in enumerate(lines):
        y = inner.y + place * height
        yield text(inner.x - 6, y + height / 2 + 3, line.name[:22], font_size=9, text_anchor="end")
        for begin, end, value in _runs(line.points):
            colour = NAMED.get(words.get(f"{value:g}", {}).get("color", ""), GRID)
            x, width = (
                inner.w * part / (span[1] - span[0]) for part in (begin - span[0], end - begin)
            )
            yield (
                f'<rect x="{inner.x + x:.1f}" y="{y + 2:.0f}" width="{max(width, 1):.1f}" '
                f'height="{height - 4:.0f}" fill="{colour}" fill-opacity=".7"/>'
            )
    yield from _clock(inner, span)
    named = [(entry["text"], NAMED.get(entry["color"], GRID)) for entry in words.values()]
    yield from _names(box, named)


def stat(box: Box, told: str, colour: str) -> Iterator[str]:
    """One figure, or a word."""
    middle = box.x + box.w / 2
    look = {"font_size": 20 if len(told) < 12 else 14, "text_anchor": "middle", "font_weight": 600}
    yield text(middle, box.y + box.h * 0.66, told, fill=colour, **look)


def bars(box: Box, values: Sequence[tuple[str, float, str]], unit: str) -> Iterator[str]:
    """Figures side by side, between 0 and 1."""
    height = (box.h - TOP - 8) / max(len(values), 1)
    for place, (name, value, colour) in enumerate(values):
        y = box.y + TOP + place * height
        yield text(box.x + 8, y + height / 2 + 3, name, font_size=9)
        width = (box.w - 250) * min(max(value, 0), 1)
        x = box.x + 180
        shape = f'y="{y + 3:.0f}" height="{max(height - 6, 2):.0f}" fill="{colour}"'
        yield f'<rect x="{x:.0f}" width="{max(width, 1):.0f}" {shape}/>'
        yield text(box.x + box.w - 8, y + height / 2 + 3, figure(value, unit), text_anchor="end")


def table(box: Box, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows of cells, as many as there is room for."""
    width = (box.w - 16) / max(len(heads), 1)
    room = int((box.h - TOP - 20) // 14)
    for column, head in enumerate(heads):
        x = box.x + 8 + column * width
        yield text(x, box.y + TOP + 12, head, font_size=9, font_weight=600, fill=FAINT)
        for place, row in enumerate(rows[:room]):
            cell = row[column]
            short = cell if len(cell) * 5.2 < width else f"{cell[: int(width / 5.2) - 1]}…"
            yield text(x, box.y + TOP + 28 + place * 14, short, font_size=9)


def prose(box: Box, words: str) -> Iterator[str]:
    """Text as it stands, a table's cells apart."""
    lines = [line for line in words.splitlines() if not line.startswith("|---")]
    for place, line in enumerate(lines[: int((box.h - TOP) // 13)]):
        shown = line.strip("| ").replace(" | ", "   ·   ").replace("`", "")[: int(box.w / 5)]
        yield text(box.x + 8, box.y + TOP + 10 + place * 13, shown, font_size=9)


def _stacked(lines: Sequence[Line]) -> list[Line]:
    below: dict[float, float] = {}
    stacked = []
    for line in lines:
        for time, value in line.points:
            below[time] = below.get(time, 0.0) + value
        stacked.append(Line(line.name, [(time, below[time]) for time, _ in line.points]))
    return stacked


def _path(
    points: Sequence[tuple[float, float]], inner: Box, span: tuple[float, float], top: float
) -> str:
    places = []
    for time, value in points:
        x = inner.x + inner.w * (time - span[0]) / (span[1] - span[0])
        y = inner.y + inner.h * (1 - min(max(value / top, 0), 1))
        places.append((time, f"{x:.0f}", f"{y:.0f}"))
    path, last = "", -math.inf
    for place, (time, x, y) in enumerate(places):
        near = abs(time - last) <= GAP
        level = near and 0 < place < len(places) - 1 and places[place - 1][2] == y
        if not (level and places[place + 1][2] == y):
            path += f"{'L' if near else 'M'}{x} {y}"
        last = time
    return path


def _runs(points: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float, float]]:
    begin: tuple[float, float] | None = None
    last = 0.0
    for time, value in points:
        if begin is None or value != begin[1] or time - last > GAP:
            if begin is not None:
                yield begin[0], min(time, last + 60), begin[1]
            begin = (time, value)
        last = time
    if begin is not None:
        yield begin[0], last + 60, begin[1]


def _clock(inner: Box, span: tuple[float, float]) -> Iterator[str]:
    for share in (0, 0.25, 0.5, 0.75, 1):
        moment = datetime.fromtimestamp(span[0] + share * (span[1] - span[0]), UTC)
        x, y = inner.x + share * inner.w, inner.y + inner.h + 12
        yield text(x, y, f"{moment:%H:%M}", font_size=9, fill=FAINT, text_anchor="middle")


def _legend(box: Box, names: Sequence[str]) -> Iterator[str]:
    yield from _names(box, [(name, COLOURS[place % 8]) for place, name in enumerate(names)])


def _names(box: Box, named: Sequence[tuple[str, str]]) -> Iterator[str]:
    x, y = box.x + 10.0, box.y + box.h - 8
    for name, colour in named:
        if x + 14 + 5.2 * len(name) > box.x + box.w:
            yield text(x, y, "…", font_size=9)
            return
        yield f'<rect x="{x:.0f}" y="{y - 7:.0f}" width="8" height="8" fill="{colour}"/>'
        yield text(x + 11, y, name, font_size=9)
        x += 24 + 5.2 * len(name)
