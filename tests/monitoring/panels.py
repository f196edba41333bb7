"""The queries of boards, taken out of their JSON, with Grafana's variables filled in."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from observability.dashboards.stack import boards
from settings.monitored import Monitored

BUILT_IN: Mapping[str, str] = {
    "__rate_interval": "2m",
    "__range": "8h",
}
"""What Grafana fills in by itself, at a scrape interval of 30 s and eight hours shown."""

VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")


@dataclass(frozen=True)
class Query:
    """A query of a panel, or of an annotation."""

    board: str
    panel: str
    expr: str
    """As it stands in the board."""

    instant: bool
    legend: str = ""

    def __str__(self) -> str:
        return f"{self.board}: {self.panel}"


def documents(stack: Monitored) -> Mapping[str, dict[str, Any]]:
    """The boards of a stack."""
    return {name: json.loads(text) for name, text in boards(stack).items()}


def panels(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All panels of a board with those in folded rows, headings included."""
    for panel in document["panels"]:
        yield panel
        yield from panel.get("panels") or ()


def queries(name: str, document: Mapping[str, Any]) -> Iterator[Query]:
    """All queries of a board."""
    for panel in panels(document):
        for target in panel.get("targets", ()):
            told = f"{panel['title']} [{target['refId']}]"
            instant = target.get("instant", False)
            yield Query(name, told, target["expr"], instant, target.get("legendFormat", ""))
    for marks in document["annotations"]["list"]:
        yield Query(name, f"marks of {marks['name']}", marks["target"]["expr"], instant=False)


def variables(document: Mapping[str, Any]) -> Mapping[str, str]:
    """A board's variables with everything chosen, as Grafana writes it into a query."""
    chosen = {}
    for variable in document["templating"]["list"]:
        if variable["type"] == "custom":
            chosen[variable["name"]] = variable["query"].replace(",", "|")
    return chosen


def filled_in(expr: str, document: Mapping[str, Any], **chosen: str) -> str:
    """An expression as Prometheus gets it."""
    values = {**BUILT_IN, **variables(document), **chosen}
    return VARIABLE.sub(lambda found: values[found[1]], expr)
