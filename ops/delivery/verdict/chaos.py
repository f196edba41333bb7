"""How the last experiment ended: by a report of it, else by the workflows that the cluster keeps.

A single fault has no check and so no result; a workflow is watched by health checks that abort it.
Only what was injected after the release says something about it: a run that injected nothing
passes nothing, and one that was stopped before it injected has failed nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from ops.chaos.injected import faults_of, injection
from ops.chaos.report.document import ChaosReport
from ops.cluster import Object
from ops.cluster.objects import annotations, is_true, lookup
from ops.files import read_document
from vocabulary.labels import CHAOS_ABORT
from vocabulary.promotion.papers import Result

_RESULTS: Mapping[str, Literal["passed", "failed", "none"]] = {
    "held": "passed",
    "refuted": "failed",
    "none": "none",
}


class _Overall(BaseModel):
    f1: float | None = Field(ge=0, le=1)


class _Grade(BaseModel):
    """What is asked of the document that `python -m anomaly grade -o json` writes."""

    kind: Literal["grade"]
    version: Literal[1]
    end: str
    overall: _Overall


def from_workflows(
    workflows: Iterable[Object], nodes: Sequence[Object], events: Sequence[Object], since: datetime
) -> Result:
    """The result of the workflow that ended last and has injected something since a moment."""
    ended = [each for each in workflows if lookup(each, "status", "endTime")]
    if not ended:
        return Result(result="none", reason="no workflow has ended yet")
    found = {_name(each): injection(faults_of(each, nodes), events) for each in ended}
    counting = [
        each for each in ended if any(moment >= since for moment in found[_name(each)].applied)
    ]
    last = max(counting or ended, key=lambda each: str(each["status"]["endTime"]))
    name = _name(last)
    aborted = annotations(last).get(CHAOS_ABORT) == "true"
    if not counting:
        how = "was aborted before it injected anything" if aborted else "has injected nothing"
        if not found[name].known and faults_of(last, nodes):
            return Result(
                result="none",
                reason=f"{name}: whether it injected anything cannot be told any more, events are "
                "kept for an hour; give its report with --chaos-report",
            )
        return Result(result="none", reason=f"{name} {how} since the release")
    if aborted:
        return Result(result="failed", reason=f"{name} was aborted, by a health check or by hand")
    if not is_true(last, "Accomplished"):
        return Result(result="failed", reason=f"{name} has ended without being accomplished")
    return Result(result="passed", reason=f"{name}: accomplished; no health check aborted it")


def _name(workflow: Object) -> str:
    return f"{workflow['metadata']['namespace']}/{workflow['metadata']['name']}"


def from_report(path: Path, since: datetime) -> Result:
    """The verdict of a report of an experiment.

    Raises:
        UsageError: when it is no such report.
    """
    report = read_document(path, ChaosReport, "report that `python -m ops chaos report` wrote")
    run, result = report.run, _RESULTS[report.verdict.result]
    name, why = f"{run.namespace}/{run.name or run.schedule}", "; ".join(report.verdict.reasons)
    if result != "none" and (run.start is None or run.start < since):
        return Result(result="none", reason=f"{name} was injected before the release")
    return Result(result=result, reason=f"{name}: {why[:500]}")


def grade(path: Path) -> Result:
    """The detector's grade: its F1 over known faults.

    Raises:
        UsageError: when the file holds no grade.
    """
    found = read_document(path, _Grade, "grade that `python -m anomaly grade` wrote")
    score = found.overall.f1
    reason = f"F1 over known faults until {found.end}"
    return Result(result="none" if score is None else "passed", reason=reason, score=score)
