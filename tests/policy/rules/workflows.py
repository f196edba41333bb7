"""Shorthands for workflows and schedules in the tables of chaos rules."""

from typing import Any

SELECTOR = {"namespaces": ["brisa"], "labelSelectors": {"app": "api"}}


def pod_failure(**changes: Any) -> dict[str, Any]:
    """A harmless fault."""
    return {"action": "pod-failure", "mode": "one", "selector": SELECTOR, **changes}


def workflow(*templates: dict[str, Any], entry: str = "first") -> dict[str, Any]:
    """The specification of a scheduled workflow."""
    return {
        "schedule": "0 3 * * 1-5",
        "type": "Workflow",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 60,
        "historyLimit": 5,
        "workflow": {"entry": entry, "templates": list(templates)},
    }


def fault(deadline: str | None = "30s", name: str = "first", **changes: Any) -> dict[str, Any]:
    """A workflow step that is a fault."""
    step = {"name": name, "templateType": "PodChaos", "podChaos": pod_failure(**changes)}
    return step if deadline is None else {**step, "deadline": deadline}


def nested_schedule(**changes: Any) -> dict[str, Any]:
    """A workflow step that is a schedule."""
    schedule = {
        "schedule": "0 3 * * *",
        "type": "PodChaos",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": 60,
        "historyLimit": 5,
        "podChaos": pod_failure(duration="30s"),
    }
    return {
        "name": "first",
        "templateType": "Schedule",
        "deadline": "10m",
        "schedule": {**schedule, **changes},
    }
