"""`backtest`: what the detector would have told of the past, at several thresholds."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from anomaly.cli import arguments
from anomaly.cli.arguments import Commands, Options
from anomaly.cli.past import (
    Replays,
    add_history,
    add_matching,
    add_plot,
    add_requirements,
    past,
    replay_all,
    requirements,
)
from anomaly.errors import FOUND, OK
from anomaly.offline.assess import (
    THRESHOLDS,
    Assessment,
    Verdict,
    fault_fields,
    noisiest,
    rung_fields,
    series_fields,
    suggest,
    sweep_table,
    verdict_fields,
    verdict_lines,
    verdicts,
)
from anomaly.offline.faults import read_faults
from anomaly.settings import load
from anomaly.texts import document, utc

_EXAMPLES = """\
  python -m anomaly backtest --config anomaly.json --last 14d
  python -m anomaly backtest --config anomaly.json --signal latency_p95 --budget 0.2
  python -m anomaly backtest series.csv --plot series.svg
  python -m anomaly backtest labelled.npz --thresholds 0.8,1,1.25 -o json"""

BUDGET = 0.5
"""Alerts (or false alarms) in each week of a series that people bear."""


def add(commands: Commands) -> None:
    """Register the command."""
    parser = arguments.command(
        commands,
        "backtest",
        run,
        text="replay history as if the detector had run all the time, at several thresholds",
        examples=_EXAMPLES,
    )
    add_history(parser)
    parser.add_argument(
        "--faults", type=Path, metavar="FILE", help="faults that were made, JSON; graded against"
    )
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
    add_matching(parser)
    add_requirements(parser)
    add_plot(parser)
    arguments.add_output(parser, "table")


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
    settings = load(options.config, os.environ)
    faults = read_faults(options.faults) if options.faults else ()
    with past(options, settings, faults) as replayed:
        replays = replay_all(replayed, options, faults, options.thresholds)
        configured = replays.configured
        judged = verdicts(configured.grade or configured.alerts, requirements(options))
        suggested = suggest(replays.assessments, most_per_week=options.budget)
        write = _document if options.output == "json" else _table
        print(write(options, replays, suggested, judged))  # noqa: T201
        if options.plot:
            replays.draw(options.plot)
    return OK if all(verdict.met for verdict in judged) else FOUND


def _table(
    options: Options, replays: Replays, suggested: Assessment | None, judged: Sequence[Verdict]
) -> str:
    configured = replays.configured
    span = f"{utc(replays.past.span[0])} to {utc(replays.past.span[1])}"
    parts = [
        f"{configured.alerts.series} series, {span}",
        sweep_table(replays.assessments, configured=configured.threshold, suggested=suggested),
        _advice(suggested, options.budget),
        noisiest(configured),
        "\n".join(verdict_lines(judged)),
    ]
    return "\n\n".join(filter(None, parts))


def _advice(suggested: Assessment | None, budget: float) -> str:
    limit = f"{budget:g} in each week of a series"
    if not suggested:
        return f"no threshold keeps to {limit}"
    return f"suggested: detector.threshold {suggested.threshold:g} (at most {limit})"


def _document(
    options: Options, replays: Replays, suggested: Assessment | None, judged: Sequence[Verdict]
) -> str:
    configured = replays.configured
    return document(
        "backtest",
        start=utc(replays.past.span[0]),
        end=utc(replays.past.span[1]),
        sweep=[rung_fields(each) for each in replays.assessments],
        configured=configured.threshold,
        suggested=suggested.threshold if suggested else None,
        budget_per_week=options.budget,
        series=series_fields(configured),
        faults=fault_fields(configured.faults) if configured.faults else None,
        requirements=verdict_fields(judged),
    )
