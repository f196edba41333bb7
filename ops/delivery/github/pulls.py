"""Which pull request a finished workflow run was for.

GitHub's own account of the run is believed, not what the run has left behind: whoever opens a pull
request decides about that.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.delivery.github.client import GitHub
from ops.errors import UsageError


@dataclass(frozen=True)
class Run:
    """A finished run, as GitHub tells of it."""

    head: str
    """`owner:branch` of what was previewed."""

    commit: str
    """Its commit."""

    url: str
    """Where the run can be read."""

    fork: str = ""
    """`owner/name` of the repository whose code ran, when it is another than ours."""


def finished_run(event: Path) -> Run:
    """Read the event of a `workflow_run` trigger.

    Raises:
        UsageError: when it is another event.
    """
    try:
        run: Any = json.loads(event.read_text(encoding="utf-8"))["workflow_run"]
        source, ours = run["head_repository"], run["repository"]["full_name"]
        head = f"{source['owner']['login']}:{run['head_branch']}"
        fork = "" if source["full_name"] == ours else source["full_name"]
        return Run(head, run["head_sha"], run["html_url"], fork)
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{event} is no event of a workflow run") from None


def pull_request(github: GitHub, run: Run) -> int | None:
    """The open pull request whose last commit was previewed; None when it has moved on."""
    for each in github.all("pulls", state="open", head=run.head):
        if each["head"]["sha"] == run.commit:
            return int(each["number"])
    return None
