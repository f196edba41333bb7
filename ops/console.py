"""Where output goes: data to stdout, everything else to stderr."""

import sys

from rich.console import Console

_WIDE = 160
"""Pipes and files have no width; tables must not be cut to that of an old terminal."""

DATA = Console(width=None if sys.stdout.isatty() else _WIDE)
"""Tables and documents, for people and pipes."""

MESSAGES = Console(stderr=True, width=None if sys.stderr.isatty() else _WIDE)
"""Progress, warnings, questions and errors."""
