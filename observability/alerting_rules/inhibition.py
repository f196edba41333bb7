"""What Alertmanager keeps to itself while something else is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from observability.promql.expressions import SERVICE

_SERVICE = SERVICE  # Istio's labels, which the rules' alerts and the detector's own both have
_STACK = ("environment",)


@dataclass(frozen=True)
class Matcher:
    """A condition on a label."""

    label: str
    operator: Literal["=", "!=", "=~"]
    value: str


@dataclass(frozen=True)
class Inhibition:
    """While an alert is told, others with some labels in common are not."""

    source: tuple[Matcher, ...]
    targets: tuple[Matcher, ...]
    equal: tuple[str, ...]


def _named(*names: str) -> Matcher:
    return Matcher("alertname", "=~" if len(names) > 1 else "=", "|".join(names))


_FOUND, _SEVERAL = "AnomalyDetected", "AnomalyInSeveralSignals"
_KNOWN = (_named("ChaosExperimentRecent"),)
_BURNING = (_named("SloErrorBudgetBurnsFast"),)
_DETECTORS_OWN = (_named(_FOUND), Matcher("key", "!=", ""))
"""What the detector sends by itself, where it is told to: the key is its own."""

INHIBITIONS = (
    # Found while an experiment ran on the same service: that is what the experiment is for.
    Inhibition(
        _KNOWN, (_named(_FOUND, _SEVERAL), Matcher("chaos", "=", "true")), (*_STACK, *_SERVICE)
    ),
    Inhibition(_KNOWN, _DETECTORS_OWN, (*_STACK, *_SERVICE)),
    # Told already, and with more weight.
    Inhibition(_BURNING, (_named("SloErrorBudgetBurnsSlow"),), (*_STACK, *_SERVICE, "slo")),
    Inhibition(_BURNING, (_named("MeshHighErrorRate", _FOUND, _SEVERAL),), (*_STACK, *_SERVICE)),
    Inhibition((_named(_SEVERAL),), (_named(_FOUND),), (*_STACK, *_SERVICE, "chaos")),
    # The same, with the detector's reasons and advice.
    Inhibition(_DETECTORS_OWN, (_named(_SEVERAL),), (*_STACK, *_SERVICE)),
)
"""An objective that burns is always told: an experiment that breaks it is to be stopped."""


def alertmanager_file() -> dict[str, Any]:
    """The part of Alertmanager's own configuration file."""
    return {
        "inhibit_rules": [
            {
                "source_matchers": _texts(rule.source),
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
                "sourceMatch": _objects(rule.source),
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
