"""Results as tables for people."""

import math
from collections.abc import Sequence

from rich.table import Table

from bench.detector.quality import Graded
from bench.detector.throughput import Bar, Measured
from bench.quality.protocol import Figures
from bench.throughput.cases import COPY

QUALITY = (
    "method",
    "from",
    "VUS-PR",
    "with hold",
    "NAB",
    "low FP",
    "low FN",
    "NAB, own alerts",
    "event F1",
    "precision",
    "recall",
    "false / series-week",
    "calm alerting",
    "median delay",
    "affiliation F1",
    "µs / point",
)


def quality(name: str, results: Sequence[Graded]) -> Table:
    """One group of series: a row per method."""
    figures = next(each.figures for each in results if each.figures is not None)
    table = _table(f"{name}: {figures.series} series, {figures.points:,} points", QUALITY)
    for each in results:
        if each.figures is None:
            table.add_row(each.method, each.origin, each.remark)
        else:
            table.add_row(each.method, each.origin, *_row(each.figures), f"{each.microseconds:.1f}")
    return table


def _row(figures: Figures) -> list[str]:
    events = figures.events
    shipped = figures.nab_shipped
    return [
        f"{figures.vus_pr:.3f}",
        f"{figures.vus_pr_held:.3f}",
        *(f"{score:.1f}" for score in figures.nab.values()),
        f"{shipped['standard']:.1f}" if shipped else "",
        f"{events.f1:.2f}" + ("" if shipped else " *"),
        f"{events.precision:.2f}",
        f"{events.recall:.2f}",
        f"{events.false_per_week:.2f}",
        f"{100 * events.calm_share:.1f} %",
        _duration(events.delay(0.5)),
        f"{figures.affiliation_f1:.2f}",
    ]


def throughput(results: Sequence[Measured]) -> Table:
    """A row per measurement, with the share of a plain copy of the same numbers."""
    copies = [each.cost.rate for each in results if each.case is COPY and each.cost is not None]
    table = _table(
        "one core, processor time",
        ("method", "work", "series", "points", "samples / s", "of a copy", "clock", "memory"),
    )
    for each in results:
        case, cost = each.case, each.cost
        row = [each.method, case.work, f"{case.series:,}", f"{case.points:,}"]
        if cost is None:
            table.add_row(*row, each.remark)
            continue
        share = f"{100 * cost.rate / copies[0]:.3g} %" if copies else ""
        memory = f"{cost.peak / 2**20:.0f} MiB"
        table.add_row(*row, f"{cost.rate:,.0f}", share, f"{cost.wall:.2f} s", memory)
    return table


def bars(results: Sequence[Bar]) -> Table:
    """What must be reached, and what was."""
    table = _table("bars", ("", "bar", "measured", ""))
    for each in results:
        table.add_row(each.name, each.limit, each.reached, "met" if each.met else "MISSED")
    return table


def _duration(seconds: float) -> str:
    return "" if math.isnan(seconds) else f"{seconds / 60:.0f} min"


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading, justify="left" if heading in ("method", "from") else "right")
    return table
