"""How the last experiment ended: by a report of it, else by the workflows that the cluster keeps.

A single fault has no check and so no result; a workflow is watched by health checks that abort it.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from delivery.cluster import Object, condition, reference
from delivery.errors import UsageError
from promotion.papers import Chaos, Detector

REPORT = "chaos-report/1"
"""Document that `python -m ops chaos report -o json` writes."""

GRADE, GRADE_VERSION = "grade", 1
"""Document that `python -m anomaly grade -o json` writes."""

ABORTED = "workflow.chaos-mesh.org/abort"
"""Annotation that Chaos Mesh sets on a workflow whose health check fails, or a person to end it."""

_RESULTS: Mapping[str, Literal["passed", "failed", "none"]] = {
    "held": "passed",
    "refuted": "failed",
    "none": "none",
}


def from_workflows(workflows: Iterable[Object]) -> Chaos:
    """The result of the workflow that ended last."""
    ended = [each for each in workflows if (each.get("status") or {}).get("endTime")]
    if not ended:
        return Chaos(result="none", reason="no workflow has ended yet")
    last = max(ended, key=lambda each: str(each["status"]["endTime"]))
    failed = ""
    if (last["metadata"].get("annotations") or {}).get(ABORTED) == "true":
        failed = "it was aborted, by a health check or by hand"
    elif condition(last, "Accomplished").get("status") != "True":
        failed = "it has ended without being accomplished"
    return Chaos(
        result="failed" if failed else "passed",
        run=reference(last),
        finished=last["status"]["endTime"],
        reason=failed or "accomplished; no health check aborted it",
    )


def from_report(path: Path) -> Chaos:
    """The verdict of a report of an experiment.

    Raises:
        UsageError: when it is no such report.
    """
    document = _document(path)
    try:
        if document["document"] != REPORT:
            raise UsageError(f"{path} is {document['document']!r}, not {REPORT}")
        run, verdict = document["run"], document["verdict"]
        return Chaos(
            result=_RESULTS[verdict["result"]],
            run=f"{run['namespace']}/{run['name'] or run['schedule']}",
            finished=run["end"],
            reason="; ".join(verdict["reasons"])[:500],
        )
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            f"{path} is no {REPORT}: `python -m ops chaos report` writes one"
        ) from None


def grade(path: Path) -> Detector:
    """The detector's grade: its F1 over known faults.

    Raises:
        UsageError: when the file holds no grade.
    """
    document = _document(path)
    try:
        if (document["kind"], document["version"]) != (GRADE, GRADE_VERSION):
            raise UsageError(f"{path} is no {GRADE} of version {GRADE_VERSION}")
        found = document["overall"]["f1"]
        return Detector(grade=found, reason=f"F1 over known faults until {document['end']}")
    except (KeyError, TypeError, ValueError):
        raise UsageError(f"{path} is no {GRADE}: `python -m anomaly grade` writes one") from None


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"{path} is no JSON") from None
