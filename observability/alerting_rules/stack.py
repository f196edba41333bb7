"""All rules of a stack, and the form in which Prometheus takes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from observability.alerting_rules.anomaly import anomaly
from observability.alerting_rules.chaos import chaos
from observability.alerting_rules.gitops import gitops
from observability.alerting_rules.mesh import mesh
from observability.alerting_rules.model import Alert, Group, Recording
from observability.alerting_rules.objectives import objectives
from observability.alerting_rules.platform import platform
from settings.monitored import Monitored
from vocabulary.boards import uid


def groups(stack: Monitored) -> tuple[Group, ...]:
    """All groups; those that record what others ask for come first."""
    return (
        *objectives(stack.services),
        *chaos(stack),
        gitops(stack),
        mesh(stack),
        anomaly(stack),
        platform(stack),
    )


def rule_file(stack: Monitored, chosen: Sequence[Group]) -> dict[str, Any]:
    """Groups as a rule file; a PrometheusRule's `spec` is the same."""
    return {"groups": [_group(stack, group) for group in chosen]}


def _group(stack: Monitored, group: Group) -> dict[str, Any]:
    rules = [
        _recording(rule) if isinstance(rule, Recording) else _alert(stack, group, rule)
        for rule in group.rules
    ]
    # Named after the stack, too: names of groups must be unique in a Prometheus' rule files.
    name = f"brisa-{stack.environment}-{group.name}"
    return {"name": name, "interval": group.interval, "rules": rules}


def _recording(rule: Recording) -> dict[str, Any]:
    labels = {"labels": dict(rule.labels)} if rule.labels else {}
    return {"record": rule.record, "expr": rule.expr, **labels}


def _alert(stack: Monitored, group: Group, rule: Alert) -> dict[str, Any]:
    labels = {
        "severity": rule.severity,
        "area": group.name,
        "environment": stack.environment,
        **rule.labels,
    }
    times = {"for": rule.hold, "keep_firing_for": rule.linger}
    return {
        "alert": rule.name,
        "expr": rule.expr,
        **{key: value for key, value in times.items() if value != "0s"},
        "labels": labels,
        "annotations": annotations(stack, rule),
    }


def annotations(stack: Monitored, rule: Alert) -> Mapping[str, str]:
    """What an alert tells, and where to read on."""
    told = {
        "summary": rule.summary,
        "description": rule.description,
        "runbook_url": f"{stack.observability.rules.runbook}#{rule.name.lower()}",
    }
    if rule.board:
        base = (stack.observability.dashboards.grafana or "").rstrip("/")
        service = rule.labels.get("service", "")
        chosen = f"?var-service={service}" if service else ""
        told["dashboard_url"] = f"{base}/d/{uid(rule.board, stack.environment)}{chosen}"
    return told
