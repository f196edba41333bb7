"""What commands print: data to stdout, everything else to stderr."""

from collections.abc import Sequence

import click
from pydantic import BaseModel
from rich.markup import escape

from ops.commands.output import print_shown, table
from ops.console import MESSAGES
from vocabulary.disclosure import without


def say(message: str) -> None:
    """Tell people something, beside the data."""
    MESSAGES.print(escape(without(message)), highlight=False, soft_wrap=True)


def show(text: str) -> None:
    """Print data as it is."""
    click.echo(text)


def show_json(document: BaseModel) -> None:
    """Print a document for programs."""
    show(document.model_dump_json(by_alias=True, indent=2))


def show_table(*columns: str, rows: Sequence[Sequence[object]]) -> None:
    """Print a table without lines, as kubectl does."""
    print_shown(table(columns, rows))
