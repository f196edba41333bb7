"""`chaos calendar`: when experiments run in the coming weeks, and what is wrong with that."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import yaml
from rich.console import RenderableType
from rich.markup import escape

from ops.chaos.calendar import Calendar, Rules, calendar_of, rules_of
from ops.chaos.calendar.month import month
from ops.cluster import Object
from ops.commands import options
from ops.commands.output import emit, table
from ops.errors import UsageError
from ops.stack import Stack, read_stack
from vocabulary.kinds import SCHEDULE
from vocabulary.timing.cron import time_zone

SHOWN = 3
"""Starts that are shown of each Schedule."""


@click.command(
    epilog="""\b
Examples:
  python -m ops chaos calendar
  python -m ops chaos calendar --stack prod --plot month.svg
  python -m ops chaos calendar --stack prod --from tests/program/snapshots/prod.yaml

The window, freezes and who calls whom are the stack's: without --stack they are not looked at, and
only what hits one service twice counts as a clash. Exits with 3 when something is wrong.
"""
)
@options.cluster
@options.namespace(None, "Only one namespace.")
@options.stack("Stack whose file says the window, the freezes and who calls whom.")
@click.option(
    "--from",
    "manifests",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="Schedules as YAML from a file, - for standard input, in place of the cluster's.",
)
@click.option("--weeks", type=click.IntRange(1, 52), default=4, show_default=True, help="How far.")
@click.option("--plot", type=options.FILE, help="Draw it there.")
@options.prints(Calendar)
def calendar(
    namespace: str | None,
    stack: str | None,
    manifests: Path | None,
    weeks: int,
    plot: Path | None,
) -> int:
    """When experiments run in the coming weeks, and what clashes or lies outside the window."""
    known = read_stack(stack) if stack else Stack()
    rules = _rules(known) if stack else Rules()
    schedules = (
        _read(manifests, namespace)
        if manifests
        else options.asked_cluster().all(SCHEDULE, namespace=namespace)
    )
    found = calendar_of(schedules, rules, datetime.now(UTC), weeks)
    if plot:
        _draw(found, rules, str(known.says("chaos", "window", "timezone") or "UTC"), plot)
    return emit(found, *_shown(found))


def _rules(stack: Stack) -> Rules:
    try:
        return rules_of(stack.areas.get("chaos") or {}, stack.services)
    except (KeyError, ValueError) as error:
        raise UsageError(f"Pulumi.{stack.name}.yaml: chaos.window or .freezes: {error}") from None


def _read(path: Path, namespace: str | None) -> Sequence[Object]:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
        documents: list[Any] = list(yaml.load_all(text, yaml.CSafeLoader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path} cannot be read as YAML: {error}") from None
    return [
        each
        for document in documents
        for each in _objects(document)
        if each.get("kind") == SCHEDULE.kind
        and "spec" in each
        and namespace in (None, each.get("metadata", {}).get("namespace"))
    ]


def _objects(document: Any) -> Sequence[Object]:
    """The objects of a document: itself, or those of a list of them."""
    items = document.get("items", [document]) if isinstance(document, dict) else document
    return [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []


def _draw(found: Calendar, rules: Rules, zone: str, path: Path) -> None:
    from ops.chaos.calendar.picture import draw  # noqa: PLC0415 - a second that no other needs

    try:
        draw(found, rules, time_zone(zone), path)
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot draw {path}: {error}") from None


def _shown(found: Calendar) -> list[RenderableType]:
    rows = [
        (
            each.name,
            each.namespace,
            " ".join(each.services),
            each.pods,
            len(each.starts),
            "paused"
            if each.paused
            else ", ".join(f"{s:%a %d %b %H:%M}" for s in each.starts[:SHOWN]),
        )
        for each in found.schedules
    ]
    columns = ("SCHEDULE", "NAMESPACE", "SERVICES", "PODS", "RUNS", "NEXT (UTC)")
    most, pods = found.most_experiments.count, found.most_pods.count
    lines = [*month(found), "", f"At most {most} experiments at once, on {pods} pods."]
    for each in found.schedules:
        lines += [f"wrong: {each.namespace}/{each.name}: {problem}" for problem in each.problems]
    for clash in found.clashes:
        when = f"{clash.first:%a %Y-%m-%d %H:%M} UTC"
        lines.append(
            f"clash: {clash.other} begins {when} while {clash.one} acts, on {clash.about}; "
            f"{clash.times} in all"
        )
    return [table(columns, rows), "", *map(escape, lines)]
