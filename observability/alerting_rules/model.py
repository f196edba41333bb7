"""Rules as data, before they are written for Prometheus."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["critical", "warning", "info", "none"]


@dataclass(frozen=True)
class Recording:
    """A series that is computed once, for boards and alerts."""

    record: str
    """Its name, `level:metric:operations`."""

    expr: str
    """What it is."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels that it gets besides those of the expression."""


@dataclass(frozen=True)
class Alert:
    """Something to be told, and to whom."""

    name: str
    """CamelCase, area first; also the heading in the runbook."""

    expr: str
    """When it is so; one alert for each series."""

    severity: Severity
    """How urgent."""

    board: str | None
    """The board that shows it, of `vocabulary.boards`."""

    summary: str
    """One sentence, a template of Prometheus."""

    description: str
    """What it means and the figure, a template of Prometheus."""

    hold: str = "0s"
    """How long it must be so."""

    linger: str = "0s"
    """How long it is told after it is over."""

    labels: Mapping[str, str] = field(default_factory=dict)
    """Further labels; templates of Prometheus."""


Rule = Recording | Alert

SERVICE_LABELS: Mapping[str, str] = {
    "service": "{{ $labels.destination_service_name }}",
    "namespace": "{{ $labels.destination_service_namespace }}",
}
"""Labels of an alert about a service: what notifications are grouped and inhibited by."""

SERVICE = "{{ $labels.destination_service_name }}"
"""The service's name in a template."""


@dataclass(frozen=True)
class Group:
    """Rules that are evaluated in order, one after the other."""

    name: str
    """Its area; also the alerts' label `area`."""

    rules: tuple[Rule, ...]
    """In the order of evaluation."""

    interval: str = "30s"
    """How often."""

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts among the rules."""
        return tuple(rule for rule in self.rules if isinstance(rule, Alert))
