"""Cases for `promtool test rules`: what goes in, when it is looked at, which alerts fire then."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from observability.alerting_rules.model import Alert, Group, Recording
from observability.alerting_rules.stack import annotations, groups, rule_file
from settings.monitored import Monitored

Input = tuple[str, str]
"""A series and its values in promtool's notation, one a minute from 00:00 of a Thursday in UTC."""


def series(metric: str, values: str, **labels: str) -> Input:
    """An input."""
    told = ", ".join(f"{name}={json.dumps(value)}" for name, value in labels.items())
    return f"{metric}{{{told}}}", values


@dataclass(frozen=True)
class Firing:
    """An alert that is expected."""

    labels: Mapping[str, str]
    """Labels of the series, and those that tell such alerts apart."""

    value: str = ""
    """The figure in its description, as people read it."""


@dataclass(frozen=True)
class Case:
    """One look at one alert."""

    alert: str
    story: str
    """What is the matter; also the test's name."""

    at: str
    """When it is looked at, from the start of the input."""

    inputs: Sequence[Input] = ()
    fires: Sequence[Firing] = field(default_factory=list)
    """Nothing where the alert must be silent."""

    def __str__(self) -> str:
        return f"{self.alert}: {self.story}"


def run(case: Case, stack: Monitored, promtool: Path, folder: Path) -> str:
    """What promtool has to say against a case; empty when it is as expected."""
    every = groups(stack)
    chosen = _needed(case.alert, every)
    (folder / "rules.yaml").write_text(yaml.safe_dump(rule_file(stack, chosen)))
    expected = [_expected(case.alert, firing, stack, every) for firing in case.fires]
    look = {"eval_time": case.at, "alertname": case.alert, "exp_alerts": expected}
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in case.inputs],
        "alert_rule_test": [look],
    }
    document = {"rule_files": ["rules.yaml"], "evaluation_interval": "30s", "tests": [test]}
    (folder / "test.yaml").write_text(yaml.safe_dump(document))
    done = subprocess.run(
        [promtool, "test", "rules", "test.yaml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _needed(name: str, every: Sequence[Group]) -> list[Group]:
    """The group of an alert, and those that record what it asks for, in their order."""
    wanted = {group.name for group in every if any(alert.name == name for alert in group.alerts)}
    assert wanted, f"there is no alert {name}"
    while True:
        texts = " ".join(rule.expr for g in every if g.name in wanted for rule in g.rules)
        more = {
            group.name
            for group in every
            for rule in group.rules
            if isinstance(rule, Recording) and rule.record in texts
        }
        if more <= wanted:
            return [group for group in every if group.name in wanted]
        wanted |= more


def _expected(
    name: str, firing: Firing, stack: Monitored, every: Sequence[Group]
) -> dict[str, Any]:
    group, rule = _rule(name, firing, every)
    told = {key: _filled(text, firing) for key, text in annotations(stack, rule).items()}
    added = {key: _filled(text, firing) for key, text in rule.labels.items()}
    labels = {
        "severity": rule.severity,
        "area": group.name,
        "environment": stack.environment,
        **firing.labels,
        **added,
    }
    return {"exp_labels": labels, "exp_annotations": told}


def _rule(name: str, firing: Firing, every: Sequence[Group]) -> tuple[Group, Alert]:
    """The rule behind an alert; of several with one name, the one whose own labels are meant."""
    found = [
        (group, alert)
        for group in every
        for alert in group.alerts
        if alert.name == name
        and all(
            firing.labels.get(key, value) == value
            for key, value in alert.labels.items()
            if "{{" not in value
        )
    ]
    assert len(found) == 1, f"{name}: say which one by its labels"
    return found[0]


def _filled(text: str, firing: Firing) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1].startswith("$labels."):
            return firing.labels[found[1].removeprefix("$labels.")]
        assert firing.value, f"say the value of {text!r}"
        return firing.value

    return re.sub(r"{{ (.+?) }}", value, text)
