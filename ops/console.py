"""Where output goes: data to stdout, everything else to stderr."""

import sys

from rich.console import Console

_WIDE = 10_000
"""Pipes and files have no width: a row of a table is a line there, whatever its length."""

DATA = Console(width=None if sys.stdout.isatty() else _WIDE)
"""Tables and documents, for people and pipes."""

MESSAGES = Console(stderr=True, width=None if sys.stderr.isatty() else _WIDE)
"""Progress, warnings, questions and errors."""
