"""`explain`: why a series was flagged, or why it was not."""

import os
from collections.abc import Sequence

import numpy as np

from anomaly.cli import arguments
from anomaly.cli.arguments import Commands, Options
from anomaly.cli.past import add_history, add_plot, past
from anomaly.errors import OK, UsageError
from anomaly.labels import parsed
from anomaly.offline.explain import as_json, as_text, explain
from anomaly.offline.past import Name
from anomaly.offline.plot import Timeline, draw
from anomaly.settings import Settings, load
from anomaly.texts import utc

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
    add_history(parser)
    parser.add_argument(
        "--at",
        type=arguments.moment,
        metavar="TIME",
        help="explain what was then (default: the newest alert)",
    )
    add_plot(parser)
    arguments.add_output(parser, "table")


def run(options: Options) -> int:
    """Find the series, replay it, explain."""
    settings = load(options.config, os.environ)
    asked = _with_source(options, settings)
    with past(asked, settings) as replayed:
        place = _one(asked.series, replayed.names)
        verdicts, incidents = replayed.verdicts(place), replayed.incidents(place)
    if not np.isfinite(verdicts.values).any():
        raise UsageError(f"{options.series} has no values in this time")
    first, last = verdicts.timestamps[0], verdicts.timestamps[-1]
    if options.at is not None and not first <= options.at <= last:
        raise UsageError(f"{utc(options.at)} is not between {utc(first)} and {utc(last)}")
    said = explain(verdicts, options.at)
    print(as_json(said) if options.output == "json" else as_text(said))  # noqa: T201
    if options.plot:
        draw(options.plot, [Timeline.of(verdicts, incidents)])
    return OK


def _with_source(options: Options, settings: Settings) -> Options:
    """The arguments, with the signal or the query that the name of the series implies."""
    if options.files or options.query or options.signal:
        return options
    name = options.series.partition("{")[0]
    if name in {signal.name for signal in settings.signals}:
        return Options(**vars(options) | {"signal": [name]})
    # What is no signal is PromQL; then whatever it brings is meant.
    return Options(**vars(options) | {"query": options.series, "series": ""})


def matches(written: str, name: Name) -> bool:
    """Whether a series is meant: by its whole name, or by its labels or some of them."""
    if written in ("", name.text):
        return True
    try:
        asked, wanted = parsed(written)
        own = parsed(name.text)[0]
    except ValueError:
        return False
    return asked in ("", own) and wanted.items() <= name.labels.items()


def _one(written: str, names: Sequence[Name]) -> int:
    """The place of the only series that is meant.

    Raises:
        UsageError: there is none, or more than one.
    """
    found = [place for place, name in enumerate(names) if matches(written, name)]
    exact = [place for place in found if names[place].text == written] or found
    if not exact:
        raise UsageError(f"there is no series {written}; backtest lists those that have alerts")
    if len(exact) > 1:
        listed = ", ".join(names[place].text for place in exact[:SHOWN_NAMES])
        more = f" and {len(exact) - SHOWN_NAMES} more" if len(exact) > SHOWN_NAMES else ""
        raise UsageError(f"{written or 'the query'} is not one series: {listed}{more}; add labels")
    return exact[0]
