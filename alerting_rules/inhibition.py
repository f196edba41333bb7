"""What Alertmanager keeps to itself while something else is told; part of its configuration."""

from typing import Any

_SERVICE = ["environment", "namespace", "service"]


def inhibit_rules() -> list[dict[str, Any]]:
    """Alertmanager's `inhibit_rules`.

    An objective that burns is told whatever runs: an experiment that breaks it is to be stopped.
    """
    findings = 'alertname=~"AnomalyDetected|AnomalyInSeveralSignals"'
    burning = 'alertname="SloErrorBudgetBurnsFast"'
    return [
        # Found while an experiment ran on the same service: that is what the experiment is for.
        _rule('alertname="ChaosExperimentRecent"', _SERVICE, findings, 'chaos="true"'),
        # Told already, and with more weight.
        _rule(burning, [*_SERVICE, "slo"], 'alertname="SloErrorBudgetBurnsSlow"'),
        _rule(burning, _SERVICE, 'alertname="MeshHighErrorRate"'),
        _rule(burning, _SERVICE, findings),
        _rule(
            'alertname="AnomalyInSeveralSignals"',
            [*_SERVICE, "chaos"],
            'alertname="AnomalyDetected"',
        ),
    ]


def _rule(source: str, equal: list[str], *target: str) -> dict[str, Any]:
    return {"source_matchers": [source], "target_matchers": list(target), "equal": list(equal)}
