"""`backtest`: what the detector would have told of the past, at several thresholds."""

import argparse

from anomaly.cli import arguments
from anomaly.cli.arguments import Commands, Options
from anomaly.cli.past import Replays, add_grading, graded
from anomaly.offline.assess import (
    THRESHOLDS,
    noisiest,
    rung_fields,
    suggest,
    sweep_table,
    verdict_lines,
)
from anomaly.texts import utc

_EXAMPLES = """\
  python -m anomaly backtest --config anomaly.json --last 14d
  python -m anomaly backtest --config anomaly.json --signal latency_p95 --budget 0.2
  python -m anomaly backtest series.csv --plot series.svg
  python -m anomaly backtest labelled.npz --thresholds 0.8,1,1.25 -o json"""

BUDGET = 0.5
"""Alerts (or false alarms) in each week of a series that people bear."""


def add(commands: Commands) -> None:
    """Register the command."""
    text = "replay history as if the detector had run all the time, at several thresholds"
    parser = arguments.command(commands, "backtest", run, text=text, examples=_EXAMPLES)
    add_grading(parser)
    parser.add_argument(
        "--thresholds",
        type=_thresholds,
        default=THRESHOLDS,
        metavar="LIST",
        help="what to try, separated by commas; the configured one is always tried",
    )
    parser.add_argument(
        "--budget",
        type=arguments.fraction,
        default=BUDGET,
        metavar="NUMBER",
        help="alerts in each week of a series that the suggested threshold may make; where it is "
        f"known which are false, false alarms (default: {BUDGET})",
    )


def _thresholds(text: str) -> tuple[float, ...]:
    try:
        tried = {float(each) for each in text.split(",")}
    except ValueError:
        tried = set()
    if not tried or not all(0 < each < float("inf") for each in tried):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of thresholds; write 0.8,1,1.25")
    return tuple(tried)


def run(options: Options) -> int:
    """Replay, sweep, print."""
    write = _document if options.output == "json" else _table
    return graded(options, lambda replays: write(replays, options.budget), options.thresholds)


def _table(replays: Replays, budget: float) -> str:
    configured = replays.configured
    suggested = suggest(replays.assessments, most_per_week=budget)
    limit = f"{budget:g} in each week of a series"
    advice = f"no threshold keeps to {limit}"
    if suggested:
        advice = f"suggested: detector.threshold {suggested.threshold:g} (at most {limit})"
    start, end = map(utc, replays.past.span)
    parts = [
        f"{configured.alerts.series} series, {start} to {end}",
        sweep_table(replays.assessments, configured=configured.threshold, suggested=suggested),
        advice,
        noisiest(configured),
        "\n".join(verdict_lines(replays.verdicts)),
    ]
    return "\n\n".join(filter(None, parts))


def _document(replays: Replays, budget: float) -> str:
    suggested = suggest(replays.assessments, most_per_week=budget)
    return replays.document(
        "backtest",
        sweep=[rung_fields(each) for each in replays.assessments],
        configured=replays.configured.threshold,
        suggested=suggested.threshold if suggested else None,
        budget_per_week=budget,
    )
