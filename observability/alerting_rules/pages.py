"""Tables of the alerts' page, written from the rules themselves (`python -m alerting_rules.pages`).

Owns what stands between marks in `docs/alerts.md`; a test holds it against the rules.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from observability.alerting_rules.inhibition import alertmanager_file
from observability.alerting_rules.model import Alert, Group, Recording
from observability.alerting_rules.stack import groups
from settings.manual import Example, fill

PAGE = Path(__file__).parents[2] / "docs" / "alerts.md"

_SPOKEN = {
    "destination_service_name": "service",
    "exported_namespace": "namespace",
    "for": "signal",
}


def tables() -> Mapping[str, str]:
    """The page's tables, by their names."""
    found = groups(Example())
    inhibitions = yaml.safe_dump(alertmanager_file(), sort_keys=False, width=100)
    return {
        "alerts": "\n".join(_alerts(found)),
        "inhibitions": f"```yaml\n{inhibitions}```",
        "recorded": "\n".join(_recordings(found)),
    }


def _alerts(found: Sequence[Group]) -> Iterator[str]:
    yield "| Alert | Severity | After | Tells |"
    yield "|---|---|---|---|"
    # The same alert for another source, or during an experiment, is one line.
    lines = {(rule.name, rule.hold): _line(rule) for group in found for rule in group.alerts}
    yield from lines.values()


def _line(alert: Alert) -> str:
    link = f"[{alert.name}](runbook.md#{alert.name.lower()})"
    after = "" if alert.hold == "0s" else alert.hold
    return f"| {link} | {alert.severity} | {after} | {_spoken(alert.summary)} |"


def _spoken(template: str) -> str:
    """A template with the names of its labels where their values will stand."""
    named = re.compile(r"{{ \$labels\.(\w+) }}")
    return named.sub(lambda found: f"*{_SPOKEN.get(found[1], found[1])}*", template)


def _recordings(found: Sequence[Group]) -> Iterator[str]:
    yield "| Series | Every |"
    yield "|---|---|"
    every = {
        rule.record: group.interval
        for group in found
        for rule in group.rules
        if isinstance(rule, Recording)
    }
    yield from (f"| `{record}` | {interval} |" for record, interval in every.items())


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), tables()), encoding="utf-8")
