"""`grade`: how good the alerts are, on labelled series or on a list of known faults."""

import os
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
from anomaly.errors import FOUND, OK, DataError
from anomaly.offline.assess import (
    Verdict,
    fault_fields,
    grade_table,
    rung_fields,
    series_fields,
    verdict_fields,
    verdict_lines,
    verdicts,
)
from anomaly.offline.faults import read_faults
from anomaly.settings import load
from anomaly.texts import document, utc

_EXAMPLES = """\
  python -m anomaly grade labelled.csv
  python -m anomaly grade labelled.npz --min-f1 0.7 --max-false-alarms 0.5
  python -m anomaly grade --config anomaly.json --faults experiments.json --max-delay 10m
  python -m anomaly grade --query 'up' --faults experiments.json -o json"""


def add(commands: Commands) -> None:
    """Register the command."""
    parser = arguments.command(
        commands,
        "grade",
        run,
        text="grade the alerts on labelled series, or on a list of known faults",
        examples=_EXAMPLES,
    )
    add_history(parser)
    parser.add_argument(
        "--faults", type=Path, metavar="FILE", help="faults that were made, JSON; instead of labels"
    )
    add_matching(parser)
    add_requirements(parser)
    add_plot(parser)
    arguments.add_output(parser, "table")


def run(options: Options) -> int:
    """Replay, grade, print."""
    settings = load(options.config, os.environ)
    faults = read_faults(options.faults) if options.faults else ()
    with past(options, settings, faults) as replayed:
        replays = replay_all(replayed, options, faults)
        grade = replays.configured.grade
        if not grade:
            raise DataError("the series have no labels; add them, or give a list with --faults")
        judged = verdicts(grade, requirements(options))
        print(_text(options, replays, judged))  # noqa: T201
        if options.plot:
            replays.draw(options.plot)
    return OK if all(verdict.met for verdict in judged) else FOUND


def _text(options: Options, replays: Replays, judged: tuple[Verdict, ...]) -> str:
    assessment = replays.configured
    if options.output == "json":
        return document(
            "grade",
            start=utc(replays.past.span[0]),
            end=utc(replays.past.span[1]),
            overall=rung_fields(assessment),
            series=series_fields(assessment),
            faults=fault_fields(assessment.faults) if assessment.faults else None,
            requirements=verdict_fields(judged),
        )
    return "\n\n".join(filter(None, [grade_table(assessment), "\n".join(verdict_lines(judged))]))
