"""Which pull request a finished workflow run was for.

GitHub's own account of the run is believed, not what the run has left behind: whoever opens a pull
request decides about that.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from delivery.errors import UsageError
from delivery.github.client import GitHub


@dataclass(frozen=True)
class Run:
    """A finished run, as GitHub tells of it."""

    head: str
    """`owner:branch` of what was previewed."""

    commit: str
    """Its commit."""

    url: str
    """Where the run can be read."""


def finished_run(event: Path) -> Run:
    """Read the event of a `workflow_run` trigger.

    Raises:
        UsageError: when it is another event.
    """
    try:
        run: Any = json.loads(event.read_text(encoding="utf-8"))["workflow_run"]
        owner = run["head_repository"]["owner"]["login"]
        return Run(f"{owner}:{run['head_branch']}", run["head_sha"], run["html_url"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{event} is no event of a workflow run") from None


def pull_request(github: GitHub, run: Run) -> int | None:
    """The open pull request whose last commit was previewed; None when it has moved on."""
    for each in github.all("pulls", state="open", head=run.head):
        if each["head"]["sha"] == run.commit:
            return int(each["number"])
    return None
