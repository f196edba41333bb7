"""A real Prometheus that holds the recorded hours, and what our recording rules make of them."""

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from alerting_rules.model import Group, Recording
from alerting_rules.stack import groups
from sandbox.monitoring import Monitoring
from sandbox.monitoring.monitoring import Programs
from sandbox.supervision.identity import ProcessIdentity
from settings.monitored import Monitored
from tests.monitoring.openmetrics import write
from tests.monitoring.story import END, START, STEP, TIMES, Story


@dataclass(frozen=True)
class History:
    """Asks that Prometheus."""

    url: str

    def instant(self, query: str, time: float = END) -> list[dict[str, Any]]:
        """The series of an expression at a moment."""
        return self._ask("query", query=query, time=time)

    def over(
        self, query: str, first: float = START, last: float = END, step: float = 60
    ) -> list[dict[str, Any]]:
        """The series of an expression over time."""
        return self._ask("query_range", query=query, start=first, end=last, step=step)

    def _ask(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        answer = requests.post(f"{self.url}/api/v1/{path}", data=parameters, timeout=60).json()
        assert answer["status"] == "success", f"{answer.get('error')}: {parameters['query']}"
        result: list[dict[str, Any]] = answer["data"]["result"]
        return result


def record(stack: Monitored, programs: Programs, folder: Path) -> Monitoring:
    """Start a Prometheus with the story of a stack and with what the stack's rules record of it.

    Rules are evaluated level by level, each on the series of those below.
    """
    raw = folder / "recording.om"
    write(raw, TIMES, Story(stack).series())
    monitoring = Monitoring(folder / "monitoring")
    owner = ProcessIdentity.of(os.getpid())
    monitoring.start(programs, recordings=[raw], owner=owner)
    for level, rules in enumerate(_levels(groups(stack))):
        file = folder / f"level-{level}.yaml"
        file.write_text(yaml.safe_dump({"groups": [_group(rules)]}))
        _backfill(programs.promtool, file, monitoring)
        # Prometheus looks for new blocks when it starts.
        monitoring.group.stop()
        monitoring.start(programs, owner=owner)
    return monitoring


def _backfill(promtool: Path, rules: Path, monitoring: Monitoring) -> None:
    times = [f"--start={START}", f"--end={END}", f"--eval-interval={STEP}s"]
    where = [f"--url={monitoring.prometheus_url}", f"--output-dir={monitoring.root / 'series'}"]
    command = [promtool, "tsdb", "create-blocks-from", "rules", *times, *where, rules]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


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


def _group(rules: Sequence[Recording]) -> dict[str, Any]:
    listed = [
        {"record": rule.record, "expr": rule.expr, "labels": dict(rule.labels)} for rule in rules
    ]
    return {"name": "level", "interval": f"{STEP}s", "rules": listed}
