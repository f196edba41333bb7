"""The calendar of experiments as a panel: what the stack declares, and what it is to show."""

from collections.abc import Iterator

from observability.dashboards.panels import Tile, prose
from observability.dashboards.parts import About
from settings.chaos import Chaos


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
    for scheduled in settings.schedules:
        fault = scheduled.fault
        what = f"{fault.kind} on {fault.target}"
        yield _line(fault.name, scheduled.cron, what, scheduled.hypothesis, scheduled.paused)
    for chain in settings.workflows:
        what = ", then ".join(f"{step.kind} on {step.target}" for step in chain.steps)
        yield _line(chain.name, chain.cron, what, chain.hypothesis, chain.paused)


def _freezes(settings: Chaos) -> Iterator[str]:
    if settings.freezes:
        yield "\n| Frozen from | to | why |\n|---|---|---|"
    for days in settings.freezes:
        yield f"| {days.first} | {days.last} | {_cell(days.reason)} |"


def _line(name: str, cron: str, what: str, hypothesis: str, paused: bool) -> str:
    state = " (paused)" if paused else ""
    return f"| {name}{state} | `{cron}` | {what} | {_cell(hypothesis)} |"


def _cell(text: str) -> str:
    """What others wrote, without anything that ends a cell or is a template of Grafana."""
    return " ".join(text.split()).replace("|", "\\|").replace("$", "&#36;").replace("[[", "[ [")
