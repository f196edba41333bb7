"""`chaos scores`: how runs of experiments came out over time, from their reports."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import Literal

import click
from pydantic import AwareDatetime

from ops.chaos.report.document import ChaosReport, Result
from ops.commands import options
from ops.commands.output import emit, table
from ops.documents import Document, Part
from ops.files import read_document

REPORT = "report that `python -m ops chaos report -o json` wrote"


class Score(Part):
    """How one run came out."""

    experiment: str
    """Namespace and name of the Schedule, or of the run where none started it."""

    at: AwareDatetime
    """When it began."""

    result: Result
    """Whether the hypothesis held."""

    score: float
    """Of 100, how much of what was expected came true."""

    recovery_seconds: float | None
    """How long the service needed; null when it did not recover, or nobody can tell."""


class Scores(Document):
    """How runs came out over time; those that can tell nothing are left out."""

    document: Literal["chaos-scores/1"] = "chaos-scores/1"
    """Name and version of this document."""

    mean: float | None
    """Mean score of the last run of every experiment; null without any."""

    runs: tuple[Score, ...]
    """The runs, the oldest first."""


@click.command(
    epilog="""\b
Examples:
  python -m ops chaos report api-pod-failure -n brisa-staging -o json > reports/2026-11-24.json
  python -m ops chaos scores reports/*.json
"""
)
@click.argument(
    "reports",
    nargs=-1,
    required=True,
    type=options.FILE,
)
@options.prints(Scores)
def scores(reports: Sequence[Path]) -> None:
    """Show how runs came out over time, from REPORTS that `chaos report -o json` wrote."""
    found = scored([read_document(path, ChaosReport, REPORT) for path in reports])
    rows = [(e.at, e.experiment, e.result, e.score, e.recovery_seconds) for e in found.runs]
    columns = ("BEGAN", "EXPERIMENT", "HYPOTHESIS", "SCORE", "RECOVERY (s)")
    mean = "no run can tell anything" if found.mean is None else f"last runs: {found.mean:.0f}"
    emit(found, table(columns, rows), mean)


def scored(reports: Sequence[ChaosReport]) -> Scores:
    """The scores of reports; of one run reported twice the last report counts. Pure."""
    runs: dict[tuple[str, AwareDatetime], Score] = {}
    for report in sorted(reports, key=lambda each: each.at):
        run = report.run
        if run.start is None or report.score is None:
            continue
        name = f"{run.namespace}/{run.schedule or run.name or run.service}"
        runs[name, run.start] = Score(
            experiment=name,
            at=run.start,
            result=report.verdict.result,
            score=report.score,
            recovery_seconds=report.recovery.seconds,
        )
    ordered = sorted(runs.values(), key=lambda each: each.at)
    last = {each.experiment: each.score for each in ordered}
    return Scores(mean=round(fmean(last.values()), 1) if last else None, runs=tuple(ordered))
