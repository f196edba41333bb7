"""Arguments that several commands have, and what they mean."""

import argparse
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from anomaly import texts

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - has no other name
else:
    Commands = object

Options = argparse.Namespace
T = TypeVar("T")


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


def argument(read: Callable[[str], T], what: str) -> Callable[[str], T]:
    """What reads an argument, and says what it should be where it is not."""

    def parse(text: str) -> T:
        try:
            return read(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}") from None

    return parse


def _positive(number: float) -> float:
    if not 0 < number < math.inf:
        raise ValueError
    return number


def _picture(text: str) -> Path:
    if not text.endswith((".svg", ".png")):
        raise ValueError
    return Path(text)


SPAN = "a span of time; write 90s, 10m, 1h30m or 14d"

duration = argument(texts.seconds, SPAN)
pause = argument(lambda text: _positive(texts.seconds(text)), SPAN)
minutes = argument(lambda text: _positive(float(text)), "a number of minutes; use more than 0")
moment = argument(texts.epoch, "a time; write 2026-01-31T12:00:00Z or epoch seconds")
fraction = argument(lambda text: float(text) and _positive(float(text)), "a number of 0 or more")
picture = argument(_picture, "a picture that can be drawn; its name ends in .svg or .png")
