"""What commands print: data to stdout, as tables or for programs; everything else to stderr."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal

import click
import yaml
from pydantic import BaseModel
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from ops.cluster.changes import Change
from ops.commands.options import given
from ops.console import DATA, MESSAGES
from ops.documents import Document
from ops.errors import UnhealthyError, UsageError
from ops.waiting import Report
from vocabulary.disclosure import without

STYLES = {
    "well": "green",
    "ready": "green",
    "running": "yellow",
    "unwell": "bold red",
    "failed": "bold red",
    "critical": "bold red",
    "unknown": "yellow",
    "suspended": "yellow",
    "progressing": "yellow",
    "warning": "yellow",
    "paused": "yellow",
    "off": "dim",
    "static": "dim",
    "finished": "dim",
}


class Changes(Document):
    """What was changed, or would be."""

    document: Literal["changes/1"] = "changes/1"
    """Name and version of this document."""

    dry_run: bool
    """Whether nothing was kept."""

    changes: tuple[Change, ...]
    """The objects, in the order in which they were changed."""


def emit(document: BaseModel, *tables: RenderableType) -> int:
    """Print a document, or for people what stands for it; returns the exit code that it means."""
    form = given("output")
    if form == "json":
        click.echo(document.model_dump_json(by_alias=True, indent=2))
    elif form == "yaml":
        plain = document.model_dump(mode="json", by_alias=True)
        click.echo(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True).rstrip())
    else:
        for each in tables:
            print_shown(each) if form == "table" else click.echo(each)
    return 0 if getattr(document, "well", True) else UnhealthyError.exit_code


def print_shown(shown: RenderableType) -> None:
    """Print for people; into pipes and files without the blanks that fill up a column."""
    if DATA.is_terminal:
        DATA.print(shown, highlight=False)
        return
    with DATA.capture() as captured:
        DATA.print(shown, highlight=False, soft_wrap=isinstance(shown, str))
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """A table; words that stand for a state have their colour."""
    made = Table(box=None, pad_edge=False, header_style="bold", show_header=bool(rows))
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(styled(cell) for cell in row))
    return made


def styled(cell: object) -> str:
    """A cell as it is printed."""
    text = show(cell)
    style = STYLES.get(text)
    return f"[{style}]{text}[/]" if style else escape(text)


def show(value: object) -> str:
    """A value in words."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def change_lines(changes: Sequence[Change]) -> Iterator[str]:
    """What became different, object by object."""
    if not changes:
        yield "nothing to do"
    for each in changes:
        would, did = _VERBS[each.action]
        verb = did if each.applied else would
        note = f" ({each.note})" if each.note else ""
        yield f"{verb} {each.ref}{note}"
        for difference in each.differences:
            yield f"  {difference.path}: {_value(difference.before)} -> {_value(difference.after)}"


_VERBS = {
    "create": ("would create", "created"),
    "patch": ("would change", "changed"),
    "delete": ("would delete", "deleted"),
    "none": ("unchanged", "unchanged"),
}


def _value(value: object) -> str:
    """A value of an object: text as it is, everything else as it is written in YAML."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value)


def emit_changes(changes: Sequence[Change], *, dry_run: bool) -> None:
    """Print what was changed."""
    emit(Changes(dry_run=dry_run, changes=tuple(changes)), *map(escape, change_lines(changes)))


def say(message: str) -> None:
    """Tell people something, beside the data; a log is read by more of them than a terminal."""
    MESSAGES.print(escape(without(message)), highlight=False, soft_wrap=True)


@contextmanager
def progress() -> Iterator[Report]:
    """What is being waited for: one moving line for people, a line per news for logs."""
    if not MESSAGES.is_terminal:
        yield lambda text: MESSAGES.print(
            f"waiting: {escape(text)}", highlight=False, soft_wrap=True
        )
        return
    with MESSAGES.status("...") as spinner:
        yield lambda text: spinner.update(escape(text))


def confirm(question: str) -> None:
    """Ask before something that cannot be taken back, unless nothing is or it was answered.

    Raises:
        UsageError: when nobody can be asked.
        click.Abort: when the answer is no.
    """
    if given("yes") or click.get_current_context().params.get("dry_run"):
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nobody can be asked here; say --yes")
    click.confirm(question, abort=True, err=True)
