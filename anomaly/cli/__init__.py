"""The command line: one module a command, from arguments to what is printed."""

from anomaly.cli.main import main, parser

__all__ = ["main", "parser"]
