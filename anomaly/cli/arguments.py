"""Arguments that several commands have, and what they mean."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from anomaly import texts as times

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - has no other name
else:
    Commands = object

Options = argparse.Namespace


def command(
    commands: Commands, name: str, run: Callable[[Options], int], *, text: str, examples: str
) -> argparse.ArgumentParser:
    """A command with its help."""
    parser = commands.add_parser(
        name,
        help=text,
        description=f"{text[0].upper()}{text[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def add_config(parser: argparse.ArgumentParser) -> None:
    """`--config`."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration file, JSON")


def add_output(parser: argparse.ArgumentParser, default: str) -> None:
    """`-o`."""
    parser.add_argument(
        "-o", "--output", choices=("table", "json"), default=default, help=f"default: {default}"
    )


def duration(text: str) -> float:
    """A span of time as an argument."""
    try:
        return times.seconds(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a span of time; write 90s, 10m, 1h30m or 14d"
        ) from None


def pause(text: str) -> float:
    """A span of time that is one."""
    span = duration(text)
    if not span:
        raise argparse.ArgumentTypeError(f"{text!r} is no span of time; use more than 0")
    return span


def minutes(text: str) -> float:
    """A number of minutes that is a span of time."""
    number = fraction(text)
    if not number:
        raise argparse.ArgumentTypeError("0 minutes are no span of time; use more")
    return number


def moment(text: str) -> float:
    """A time as an argument."""
    try:
        return times.epoch(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time; write 2026-01-31T12:00:00Z or epoch seconds"
        ) from None


def fraction(text: str) -> float:
    """A number that is not negative."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of 0 or more")
    return number


def picture(text: str) -> Path:
    """The name of a file that can be drawn."""
    path = Path(text)
    if path.suffix not in (".svg", ".png"):
        raise argparse.ArgumentTypeError(f"{text} is neither .svg nor .png")
    return path
