"""A real Prometheus that holds the recorded hours, and what our recording rules make of them."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import requests

from observability.alerting_rules.model import Group, Recording
from observability.alerting_rules.stack import groups
from sandbox.monitoring import Monitoring
from sandbox.monitoring.monitoring import Programs
from sandbox.supervision.identity import ProcessIdentity
from settings.monitored import Monitored
from tests.monitoring.openmetrics import Series, write
from tests.monitoring.story import END, START, STEP, TIMES, Story

LOOKBACK = "45s"
"""How long a series lasts after its last sample. A scraped one ends with a mark of its own; what
is loaded from a file has none, and would go on for five minutes."""


@dataclass(frozen=True)
class History:
    """Asks that Prometheus."""

    url: str

    def instant(self, query: str, time: float = END) -> list[dict[str, Any]]:
        """The series of an expression at a moment."""
        return self._ask("query", query=query, time=time)

    def value(self, query: str, time: float = END) -> float:
        """The value of an expression that has one."""
        (series,) = self.instant(query, time)
        return float(series["value"][1])

    def over(
        self, query: str, first: float = START, last: float = END, step: float = 60
    ) -> list[dict[str, Any]]:
        """The series of an expression over time."""
        return self._ask("query_range", query=query, start=first, end=last, step=step)

    def _ask(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        form = {**parameters, "lookback_delta": LOOKBACK}
        answer = requests.post(f"{self.url}/api/v1/{path}", data=form, timeout=60).json()
        assert answer["status"] == "success", f"{answer.get('error')}: {parameters['query']}"
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result


def record(stack: Monitored, programs: Programs, folder: Path) -> Monitoring:
    """Start a Prometheus with the story of a stack and with what the stack's rules record of it.

    Rules are evaluated level by level, each on the series of those below; recordings are loaded
    while Prometheus does not run.
    """
    monitoring = Monitoring(folder / "monitoring")
    owner = ProcessIdentity.of(os.getpid())
    file = folder / "recording.om"
    write(file, TIMES, Story(stack).series())
    monitoring.start(programs, recordings=[file], owner=owner)
    for rules in _levels(groups(stack)):
        history = History(monitoring.prometheus_url)
        write(file, TIMES, [each for rule in rules for each in _recorded(rule, history)])
        monitoring.group.stop()
        monitoring.start(programs, recordings=[file], owner=owner)
    return monitoring


def _recorded(rule: Recording, history: History) -> Iterator[Series]:
    for found in history.over(rule.expr, step=STEP):
        labels = {name: text for name, text in found["metric"].items() if name != "__name__"}
        values = np.full(TIMES.size, np.nan)
        for time, value in found["values"]:
            values[(int(time) - START) // STEP] = float(value)
        yield Series(rule.record, labels | dict(rule.labels), values)


def _levels(all_groups: Iterable[Group]) -> Sequence[list[Recording]]:
    """Recording rules, those first that need no others."""
    waiting = [rule for group in all_groups for rule in group.rules if isinstance(rule, Recording)]
    levels = []
    while waiting:
        unknown = {rule.record for rule in waiting}
        ready = [rule for rule in waiting if not any(name in rule.expr for name in unknown)]
        assert ready, f"these need one another: {sorted(unknown)}"
        levels.append(ready)
        waiting = [rule for rule in waiting if rule not in ready]
    return levels
