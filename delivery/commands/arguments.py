"""What several commands take."""

import argparse
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from delivery.preview.report import STACK_NAME
from timing.duration import parse_duration

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - has no other name
else:
    Commands = object

Run = Callable[[argparse.Namespace], int]
OK, FAILED, FOUND = 0, 1, 3


def command(
    commands: Commands, name: str, run: Run, *, does: str, examples: str
) -> argparse.ArgumentParser:
    """Add a command with its help."""
    added = commands.add_parser(
        name,
        help=does,
        description=f"{does[0].upper()}{does[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    added.set_defaults(run=run)
    return added


def output(added: argparse.ArgumentParser) -> None:
    """`-o table|json`."""
    added.add_argument(
        "-o", "--output", choices=("table", "json"), default="table", help="for people or programs"
    )


def stack(added: argparse.ArgumentParser, default: str | None = None) -> None:
    """`--stack NAME`."""
    given = f" (default: {default})" if default else ""
    added.add_argument(
        "--stack",
        type=_stack_name,
        metavar="NAME",
        default=default,
        required=default is None,
        help=f"name of the stack{given}",
    )


def _stack_name(text: str) -> str:
    """A stack's plain name, which names its files too."""
    if not re.fullmatch(STACK_NAME, text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no plain name of a stack; write it without organization and project"
        )
    return text


def folder(added: argparse.ArgumentParser, default: Path) -> None:
    """`--cwd DIR`."""
    added.add_argument(
        "--cwd",
        type=Path,
        default=default,
        metavar="DIR",
        help="where Pulumi.yaml is (default: this checkout)",
    )


def repository(added: argparse.ArgumentParser) -> None:
    """`--repository OWNER/NAME`, `--author` and `--dry-run`."""
    added.add_argument("--repository", metavar="OWNER/NAME", help="repository on GitHub")
    added.add_argument(
        "--author",
        metavar="LOGIN",
        default="github-actions[bot]",
        help="whose comments and issues are ours (default: %(default)s)",
    )
    added.add_argument("--dry-run", action="store_true", help="show what would be written")


def duration(text: str) -> timedelta:
    """A Go duration on the command line."""
    try:
        found = parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if found <= timedelta(0):
        raise argparse.ArgumentTypeError(f"{text} is no span of time; use more than 0s")
    return found
