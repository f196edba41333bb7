"""Arguments that several commands have, and what they mean."""

import argparse
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from anomaly import times
from anomaly.errors import UsageError
from anomaly.grading.events import Matching
from anomaly.grading.requirements import FIGURES, Requirement

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - has no other name
else:
    Commands = object

Options = argparse.Namespace

DEFAULT_LAST = 14 * 24 * 3600.0
"""History that is replayed unless somebody says otherwise: every weekday twice."""


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


def add_plot(parser: argparse.ArgumentParser) -> None:
    """`--plot`."""
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="draw series, band and alerts; .svg or .png"
    )


def add_history(parser: argparse.ArgumentParser) -> None:
    """Where history comes from: files, or Prometheus."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="series, .csv or .npz")
    add_config(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--signal", action="append", metavar="NAME", help="a configured signal (default: all)"
    )
    which.add_argument("--query", metavar="PROMQL", help="PromQL instead of a configured signal")
    span = parser.add_argument_group("span of time (Prometheus only)")
    span.add_argument(
        "--last", type=duration, metavar="SPAN", help="so much until now (default: 14d)"
    )
    span.add_argument("--from", dest="start", type=moment, metavar="TIME", help="RFC 3339")
    span.add_argument("--to", dest="end", type=moment, metavar="TIME", help="RFC 3339")
    files = parser.add_argument_group("files only")
    files.add_argument(
        "--skip",
        type=duration,
        default=0.0,
        metavar="SPAN",
        help="beginning of each series that only teaches the detector (default: nothing)",
    )
    files.add_argument(
        "--step",
        type=duration,
        default=60.0,
        metavar="SPAN",
        help="time between points of series without times (default: 1m)",
    )


def add_matching(parser: argparse.ArgumentParser) -> None:
    """When an alert counts as having found an incident."""
    group = parser.add_argument_group("when an alert finds an incident")
    group.add_argument(
        "--gap",
        type=duration,
        metavar="SPAN",
        help="alerts of a series closer than this are one (default: five and a half steps of the "
        "series)",
    )
    group.add_argument(
        "--tolerance",
        type=duration,
        metavar="SPAN",
        help="it may begin so long after the incident is over (default: 3 steps)",
    )
    group.add_argument(
        "--early",
        type=duration,
        metavar="SPAN",
        help="it may begin so long before the incident (default: 3 steps; with --faults 0)",
    )


def matching(options: Options, step_seconds: float) -> Matching:
    """What the arguments say, or what is fair for that resolution."""
    usual = Matching.of_step(step_seconds)
    if options.faults:
        usual = replace(usual, early_seconds=0.0)  # when they began is known to the second
    given = {
        "gap_seconds": options.gap,
        "tolerance_seconds": options.tolerance,
        "early_seconds": options.early,
    }
    return replace(usual, **{name: span for name, span in given.items() if span is not None})


def add_requirements(parser: argparse.ArgumentParser) -> None:
    """What must be reached, or the exit code is 3."""
    group = parser.add_argument_group("requirements (exit code 3 when one is not met)")
    for name, figure in FIGURES.items():
        read = duration if name == "max-delay" else fraction
        kind = "SPAN" if name == "max-delay" else "NUMBER"
        group.add_argument(f"--{name}", type=read, metavar=kind, help=figure.meaning)


def requirements(options: Options) -> tuple[Requirement, ...]:
    """What was asked for."""
    asked = {name: getattr(options, name.replace("-", "_")) for name in FIGURES}
    return tuple(Requirement(name, limit) for name, limit in asked.items() if limit is not None)


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


def refuse_both(options: Options) -> None:
    """Files and Prometheus at once are neither.

    Raises:
        UsageError: both were given.
    """
    asked = [
        f"--{flag}"
        for flag, value in {
            "signal": options.signal,
            "query": options.query,
            "last": options.last,
            "from": options.start,
            "to": options.end,
        }.items()
        if value is not None
    ]
    if options.files and asked:
        raise UsageError(f"{', '.join(asked)} would ask Prometheus; give no files, or none of it")
