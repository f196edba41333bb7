"""`grade`: how good the alerts are, on labelled series or on a list of known faults."""

from anomaly.cli import arguments
from anomaly.cli.arguments import Commands, Options
from anomaly.cli.past import Replays, add_grading, graded
from anomaly.errors import DataError
from anomaly.offline.assess import grade_table, rung_fields, verdict_lines

_EXAMPLES = """\
  python -m anomaly grade labelled.csv
  python -m anomaly grade labelled.npz --min-f1 0.7 --max-false-alarms 0.5
  python -m anomaly grade --config anomaly.json --faults experiments.json --max-delay 10m
  python -m anomaly grade --query 'up' --faults experiments.json -o json"""


def add(commands: Commands) -> None:
    """Register the command."""
    text = "grade the alerts on labelled series, or on a list of known faults"
    add_grading(arguments.command(commands, "grade", run, text=text, examples=_EXAMPLES))


def run(options: Options) -> int:
    """Replay, grade, print."""

    def say(replays: Replays) -> str:
        configured = replays.configured
        if not configured.grade:
            raise DataError("the series have no labels; add them, or give a list with --faults")
        if options.output == "json":
            return replays.document("grade", overall=rung_fields(configured))
        parts = [grade_table(configured), "\n".join(verdict_lines(replays.verdicts))]
        return "\n\n".join(filter(None, parts))

    return graded(options, say)
