"""Where output goes: data to stdout, everything else to stderr."""

import sys
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.table import Table

_WIDE = 160
"""Pipes and files have no width; tables must not be cut to that of an old terminal."""

DATA = Console(width=None if sys.stdout.isatty() else _WIDE)
"""Tables and answers, for people and pipes."""
MESSAGES = Console(stderr=True, width=None if sys.stderr.isatty() else _WIDE)
"""Progress, warnings and errors."""


def say(message: str) -> None:
    """Tell people something, beside the data."""
    MESSAGES.print(escape(message), highlight=False, soft_wrap=True)


def show(text: str) -> None:
    """Print data as it is."""
    DATA.print(text, markup=False, highlight=False, soft_wrap=True)


def show_json(document: BaseModel) -> None:
    """Print a document for programs."""
    show(document.model_dump_json(by_alias=True, indent=2))


def show_table(*columns: str, rows: list[tuple[Any, ...]]) -> None:
    """Print a table without lines, as kubectl does."""
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    DATA.print(table)
