"""Keeping one comment or one issue up to date: made once, then changed, never doubled.

What is ours begins with a marker and is by our own author. Whoever else writes the marker gets
neither edited nor deleted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ops.delivery.github.client import GitHub, UncertainError
from ops.errors import GitHubError

CREATIONS = 3
"""How often a creation is tried of which nobody knows whether it happened."""

Action = Literal["created", "updated", "unchanged", "closed", "reopened", "nothing to do"]


@dataclass(frozen=True)
class Outcome:
    """What was done."""

    action: Action
    """What."""

    url: str = ""
    """Where it can be read."""


def comment(github: GitHub, number: int, marker: str, body: str) -> Outcome:
    """Keep one comment on a pull request up to date.

    It begins with the marker.
    """
    path = f"issues/{number}/comments"

    def find() -> list[dict[str, Any]]:
        return [each for each in github.all(path) if _is_ours(each, marker, github)]

    found, created = _found_or_created(find, lambda: github.create(path, body=body))
    if created:
        return Outcome("created", created["html_url"])
    kept, *doubled = found
    for each in doubled:
        github.delete(f"issues/comments/{each['id']}")
    if _same(kept["body"], body):
        return Outcome("unchanged", kept["html_url"])
    changed = github.change(f"issues/comments/{kept['id']}", body=body)
    return Outcome("updated", changed["html_url"])


def issue(
    github: GitHub,
    marker: str,
    *,
    title: str,
    body: str,
    label: str,
    is_open: bool,
) -> Outcome:
    """Keep one issue up to date: open while there is something to say, closed when not.

    It begins with the marker and is found by its label.
    """

    def find() -> list[dict[str, Any]]:
        listed = github.all(
            "issues", state="all", labels=label, creator=github.author, sort="created"
        )
        return [e for e in listed if "pull_request" not in e and _is_ours(e, marker, github)]

    found = find()
    if not found and not is_open:
        return Outcome("nothing to do")
    if not found:
        content = {"title": title, "body": body, "labels": [label]}
        found, created = _found_or_created(find, lambda: github.create("issues", **content))
        if created:
            return Outcome("created", created["html_url"])
    ours = found[0]
    was_open = ours["state"] == "open"
    if was_open == is_open and ours["title"] == title and _same(ours["body"], body):
        return Outcome("unchanged", ours["html_url"])
    if not was_open and not is_open:
        return Outcome("nothing to do", ours["html_url"])
    state = {"state": "open"} if is_open else {"state": "closed", "state_reason": "completed"}
    github.change(f"issues/{ours['number']}", title=title, body=body, **state)
    action: Action = "updated" if was_open else "reopened"
    return Outcome(action if is_open else "closed", ours["html_url"])


def _found_or_created(
    find: Callable[[], list[dict[str, Any]]], create: Callable[[], dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """What is there, or what was made of it; looks again when nobody knows."""
    for _ in range(CREATIONS):
        if found := find():
            return found, None
        try:
            return [], create()
        except UncertainError as error:
            uncertain = error
    raise GitHubError(f"{uncertain}; {CREATIONS} attempts were made") from None


def _is_ours(each: dict[str, Any], marker: str, github: GitHub) -> bool:
    is_own = (each.get("user") or {}).get("login") == github.author
    return is_own and (each.get("body") or "").lstrip().startswith(marker)


def _same(there: str, wanted: str) -> bool:
    """Whether a text is there already; GitHub may change line ends and strip the last."""
    return there.replace("\r\n", "\n").strip() == wanted.strip()
