"""What Alertmanager keeps to itself while something else is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

_SERVICE = ("namespace", "service")
_STACK = ("environment",)


@dataclass(frozen=True)
class Matcher:
    """A condition on a label."""

    label: str
    operator: Literal["=", "=~"]
    value: str


@dataclass(frozen=True)
class Inhibition:
    """While an alert is told, others with some labels in common are not."""

    source: Matcher
    targets: tuple[Matcher, ...]
    equal: tuple[str, ...]


_FINDINGS = Matcher("alertname", "=~", "AnomalyDetected|AnomalyInSeveralSignals")
_BURNING = Matcher("alertname", "=", "SloErrorBudgetBurnsFast")

INHIBITIONS = (
    # Found while an experiment ran on the same service: that is what the experiment is for.
    Inhibition(
        Matcher("alertname", "=", "ChaosExperimentRecent"),
        (_FINDINGS, Matcher("chaos", "=", "true")),
        (*_STACK, *_SERVICE),
    ),
    # Told already, and with more weight.
    Inhibition(
        _BURNING,
        (Matcher("alertname", "=", "SloErrorBudgetBurnsSlow"),),
        (*_STACK, *_SERVICE, "slo"),
    ),
    Inhibition(_BURNING, (Matcher("alertname", "=", "MeshHighErrorRate"),), (*_STACK, *_SERVICE)),
    Inhibition(_BURNING, (_FINDINGS,), (*_STACK, *_SERVICE)),
    Inhibition(
        Matcher("alertname", "=", "AnomalyInSeveralSignals"),
        (Matcher("alertname", "=", "AnomalyDetected"),),
        (*_STACK, *_SERVICE, "chaos"),
    ),
)
"""An objective that burns is always told: an experiment that breaks it is to be stopped."""


def alertmanager_file() -> dict[str, Any]:
    """The part of Alertmanager's own configuration file."""
    return {
        "inhibit_rules": [
            {
                "source_matchers": _texts([rule.source]),
                "target_matchers": _texts(rule.targets),
                "equal": list(rule.equal),
            }
            for rule in INHIBITIONS
        ]
    }


def alertmanager_config() -> dict[str, Any]:
    """The `spec` of an AlertmanagerConfig.

    The Prometheus Operator holds such rules to alerts of the object's own namespace; ours carry
    the namespace of the service.
    """
    return {
        "inhibitRules": [
            {
                "sourceMatch": _objects([rule.source]),
                "targetMatch": _objects(rule.targets),
                "equal": list(rule.equal),
            }
            for rule in INHIBITIONS
        ]
    }


def _texts(matchers: Sequence[Matcher]) -> list[str]:
    return [f'{each.label}{each.operator}"{each.value}"' for each in matchers]


def _objects(matchers: Sequence[Matcher]) -> list[dict[str, str]]:
    return [
        {"name": each.label, "matchType": each.operator, "value": each.value} for each in matchers
    ]
