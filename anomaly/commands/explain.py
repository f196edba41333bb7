"""`explain`: why a series was flagged, or why it was not."""

import os
from collections.abc import Mapping, Sequence

import numpy as np

from anomaly import selector
from anomaly.commands import arguments
from anomaly.commands.arguments import Commands, Options
from anomaly.commands.source import histories
from anomaly.errors import UsageError
from anomaly.exit_codes import OK
from anomaly.explaining import explain
from anomaly.history import History
from anomaly.plotting import drawing
from anomaly.plotting.gallery import timeline
from anomaly.replaying import replay
from anomaly.report import explanation
from anomaly.settings import load
from anomaly.times import utc

_EXAMPLES = """\
  python -m anomaly explain 'latency_p95{service="cart"}' --config anomaly.json
  python -m anomaly explain 'latency_p95{service="cart"}' --at 2026-01-05T10:00:00Z
  python -m anomaly explain cart series.csv --plot cart.svg
  python -m anomaly explain '{service="cart"}' --query 'up' -o json"""

SHOWN_NAMES = 8
"""Series that an error lists."""


def add(commands: Commands) -> None:
    """Register the command."""
    parser = arguments.command(
        commands,
        "explain",
        run,
        text="say why a series was flagged: expected, bounds, views, since when, how often before",
        examples=_EXAMPLES,
    )
    parser.add_argument("series", metavar="SERIES", help='as tables write it, name{label="value"}')
    arguments.add_history(parser)
    parser.add_argument(
        "--at",
        type=arguments.moment,
        metavar="TIME",
        help="explain what was then (default: the newest alert)",
    )
    arguments.add_plot(parser)
    arguments.add_output(parser, "table")


def run(options: Options) -> int:
    """Find the series, replay it, explain."""
    if options.plot:
        drawing.check(options.plot)
    settings = load(options.config, os.environ)
    found = [
        piece.only(row)
        for piece in histories(options, settings, ())
        for row in range(len(piece.names))
        if matches(options.series, piece.names[row], piece.labels[row])
    ]
    history = _one(found, options.series)
    if options.at is not None and not history.timestamps[0] <= options.at <= history.timestamps[-1]:
        raise UsageError(
            f"{utc(options.at)} is not between {utc(history.timestamps[0])} "
            f"and {utc(history.timestamps[-1])}"
        )
    verdicts = replay(history, settings).verdicts(0)
    said = explain(verdicts, options.at)
    print(explanation.as_json(said) if options.output == "json" else explanation.as_text(said))  # noqa: T201
    if options.plot:
        drawing.draw(options.plot, [timeline(verdicts, history.incidents[0])])
    return OK


def matches(written: str, name: str, labels: Mapping[str, str]) -> bool:
    """Whether a series is meant: by its whole name, or by its labels or some of them."""
    if written == name:
        return True
    try:
        asked, wanted = selector.parse(written)
        own = selector.parse(name)[0]
    except ValueError:
        return False
    return asked in ("", own) and bool(wanted) and wanted.items() <= labels.items()


def _one(found: Sequence[History], written: str) -> History:
    """The only one of them that is meant, which has values.

    Raises:
        UsageError: there is none, or more than one.
    """
    exact = [history for history in found if history.names[0] == written] or found
    if not exact:
        raise UsageError(f"there is no series {written}; backtest lists those that have alerts")
    if len(exact) > 1:
        names = ", ".join(history.names[0] for history in exact[:SHOWN_NAMES])
        more = f" and {len(exact) - SHOWN_NAMES} more" if len(exact) > SHOWN_NAMES else ""
        raise UsageError(f"{written} is not one series: {names}{more}; add labels")
    if not np.isfinite(exact[0].values).any():
        raise UsageError(f"{written} has no values in this time")
    return exact[0]
