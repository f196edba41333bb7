"""The calendar as a picture: a column for each day, the time of day from top to bottom."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ops.chaos.calendar.build import Rules
from ops.chaos.calendar.document import Calendar

HOURS = 24
THINNEST = 0.15
"""Hours that a run is drawn with at least; half a minute would be no line at all."""
NAMED = 10
"""Services that have a colour of their own; a legend of more is not read."""


def draw(calendar: Calendar, rules: Rules, zone: tzinfo, path: Path) -> None:
    """Draw the calendar into a file; its ending says which format.

    Raises:
        ValueError: when there is no such format.
    """
    first = calendar.at.astimezone(zone).date()
    days = (calendar.until.astimezone(zone).date() - first).days + 1
    figure = Figure(figsize=(max(8.0, 0.42 * days), 6.0), layout="constrained")
    axes = figure.subplots()
    axes.set(xlim=(0, days), ylim=(HOURS, 0), ylabel=f"time of day, {zone}")
    runs = sum(len(each.starts) for each in calendar.schedules)
    axes.set_title(
        f"Experiments from {first}: {runs} runs, at most {calendar.most_experiments.count} at once "
        f"on {calendar.most_pods.count} pods, {len(calendar.clashes)} clashes"
    )
    dates = [first + timedelta(days=number) for number in range(days)]
    axes.set_xticks(
        [number + 0.5 for number in range(days)],
        [f"{day:%a}\n{day.day}" + (f"\n{day:%b}" if day.day == 1 else "") for day in dates],
        fontsize=8,
    )
    axes.set_yticks(range(0, HOURS + 1, 2), [f"{hour:02}:00" for hour in range(0, HOURS + 1, 2)])
    axes.grid(axis="y", color="#dddddd", linewidth=0.5)
    axes.set_axisbelow(True)
    _windows(axes, rules, [datetime.combine(day, datetime.min.time(), zone) for day in dates])
    _runs(axes, calendar, datetime.combine(first, datetime.min.time(), zone))
    figure.savefig(path)


def _windows(axes: Axes, rules: Rules, midnights: Sequence[datetime]) -> None:
    """The window in green, frozen days in grey."""
    for number, midnight in enumerate(midnights):
        if any(freeze.touches(midnight, timedelta()) for freeze in rules.freezes):
            axes.axvspan(number, number + 1, color="#d5d5d5", zorder=0)
        for hour in range(2 * HOURS) if rules.window else ():
            moment = midnight + timedelta(minutes=30 * hour)
            if rules.window and rules.window.contains(moment, timedelta(minutes=30)):
                axes.add_patch(Rectangle((number, hour / 2), 1.0, 0.5, color="#e3f3e3", zorder=0))


def _runs(axes: Axes, calendar: Calendar, origin: datetime) -> None:
    services = sorted({", ".join(each.services) for each in calendar.schedules})
    colours = {name: to_hex(f"C{number % NAMED}") for number, name in enumerate(services)}
    red = {(name, clash.first) for clash in calendar.clashes for name in (clash.one, clash.other)}
    for each in calendar.schedules:
        place = f"{each.namespace}/{each.name}"
        wrong = [bool(each.problems) or (place, start) in red for start in each.starts]
        moments = [start.astimezone(origin.tzinfo) for start in each.starts]
        axes.bar(
            [(at.date() - origin.date()).days + 0.5 for at in moments],
            max(THINNEST, each.seconds / 3600),
            width=0.9,
            bottom=[at.hour + at.minute / 60 for at in moments],
            color=colours[", ".join(each.services)],
            edgecolor=["red" if each else "none" for each in wrong],
        )
    for name in services[:NAMED]:
        axes.plot([], [], "s", color=colours[name], label=name or "unknown")
    if services:
        axes.legend(loc="lower right", fontsize=8, title="red edge: clash or outside")
