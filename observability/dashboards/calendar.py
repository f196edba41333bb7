"""The calendar of experiments as a panel: what the stack declares, and what it is to show."""

from collections.abc import Iterator

from observability.dashboards.panels import Tile, prose
from observability.dashboards.parts import About
from settings.chaos import Chaos
from settings.recurring import AnyRecurring


def calendar(settings: Chaos) -> Tile:
    """The window, every schedule and every freeze."""
    window = settings.window
    head = (
        f"Window: {', '.join(window.days)}, {window.opens:%H:%M} to {window.closes:%H:%M} "
        f"{window.timezone}."
    )
    if settings.kill_switch:
        head = f"**The kill switch is on: nothing fires.** {head}"
    about = About(501, "Schedules", "What the stack declares, and what it is to show.", "short")
    return prose(about, "\n".join([head, "", *_schedules(settings), *_freezes(settings)]))


def _schedules(settings: Chaos) -> Iterator[str]:
    yield "| Schedule | When | What | Hypothesis |"
    yield "|---|---|---|---|"
    for scheduled in settings.recurring:
        what = ", then ".join(f"{step.kind} on {step.target}" for step in scheduled.steps)
        yield _line(scheduled, what)


def _freezes(settings: Chaos) -> Iterator[str]:
    if settings.freezes:
        yield "\n| Frozen from | to | why |\n|---|---|---|"
    for days in settings.freezes:
        yield f"| {days.first} | {days.last} | {_cell(days.reason)} |"


def _line(scheduled: AnyRecurring, what: str) -> str:
    state = " (paused)" if scheduled.paused else ""
    hypothesis = _cell(scheduled.hypothesis)
    return f"| {scheduled.name}{state} | `{scheduled.cron}` | {what} | {hypothesis} |"


def _cell(text: str) -> str:
    """What others wrote, without anything that ends a cell or is a template of Grafana."""
    return " ".join(text.split()).replace("|", "\\|").replace("$", "&#36;").replace("[[", "[ [")
