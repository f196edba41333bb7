"""Tables of the boards' page, written from the boards themselves (`python -m dashboards.pages`).

Owns what stands between marks in `docs/dashboards.md`; a test holds it against the boards.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from observability.dashboards.stack import boards
from settings.manual import Example, fill

PAGE = Path(__file__).parents[2] / "docs" / "dashboards.md"


def tables() -> Mapping[str, str]:
    """The page's tables, by their names: all boards, and the panels of each."""
    drawn = {name: json.loads(text) for name, text in boards(Example()).items()}
    listed = [_listed(name, board) for name, board in drawn.items()]
    heads = ["| Board | Answers | Identity |", "|---|---|---|"]
    panels = {name: "\n".join(_panels(board)) for name, board in drawn.items()}
    return {"boards": "\n".join([*heads, *listed]), **panels}


def _listed(name: str, board: Mapping[str, Any]) -> str:
    title = board["title"].partition(" · ")[0]
    identity = f"`brisa-<environment>-{name}`"
    return f"| [{title}](#{title.lower()}) | {board['description']} | {identity} |"


def _panels(board: Mapping[str, Any]) -> Iterator[str]:
    yield "| Row | Panel | Shows |"
    yield "|---|---|---|"
    row = ""
    for panel in _all_panels(board):
        if panel["type"] == "row":
            row = f"each {panel['repeat']}" if panel.get("repeat") else panel["title"]
            continue
        title = panel["title"].replace("$service: ", "")
        yield f"| {row} | {title} | {panel['description']} |"
        row = ""


def _all_panels(board: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for panel in board["panels"]:
        yield panel
        yield from panel.get("panels") or ()


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), tables()), encoding="utf-8")
