"""How the last experiment ended: by a report of it, else by the workflows that the cluster keeps.

A single fault has no check and so no result; a workflow is watched by health checks that abort it.
Only what was injected after the release says something about it: a run that injected nothing
passes nothing, and one that was stopped before it injected has failed nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from ops.chaos.injected import faults_of, injection
from ops.cluster import Object
from ops.cluster.objects import annotations, is_true, lookup, parse_time
from ops.errors import UsageError
from vocabulary.labels import CHAOS_ABORT
from vocabulary.promotion.papers import Result

REPORT = "chaos-report/1"
"""Document that `python -m ops chaos report -o json` writes."""

GRADE, GRADE_VERSION = "grade", 1
"""Document that `python -m anomaly grade -o json` writes."""

_RESULTS: Mapping[str, Literal["passed", "failed", "none"]] = {
    "held": "passed",
    "refuted": "failed",
    "none": "none",
}


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
    document = _document(path)
    try:
        if document["document"] != REPORT:
            raise UsageError(f"{path} is {document['document']!r}, not {REPORT}")
        run, verdict = document["run"], document["verdict"]
        name = f"{run['namespace']}/{run['name'] or run['schedule']}"
        result, why = _RESULTS[verdict["result"]], "; ".join(verdict["reasons"])[:500]
        start = parse_time(run["start"])
        if result != "none" and (start is None or start < since):
            return Result(result="none", reason=f"{name} was injected before the release")
        return Result(result=result, reason=f"{name}: {why}")
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            f"{path} is no {REPORT}: `python -m ops chaos report` writes one"
        ) from None


def grade(path: Path) -> Result:
    """The detector's grade: its F1 over known faults.

    Raises:
        UsageError: when the file holds no grade.
    """
    document = _document(path)
    try:
        if (document["kind"], document["version"]) != (GRADE, GRADE_VERSION):
            raise UsageError(f"{path} is no {GRADE} of version {GRADE_VERSION}")
        found = document["overall"]["f1"]
        return Result(
            result="none" if found is None else "passed",
            reason=f"F1 over known faults until {document['end']}",
            score=found,
        )
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"{path} is no {GRADE}: `python -m anomaly grade` writes one") from None


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"{path} is no JSON") from None
