"""What a Schedule object says of its runs: how long, whom they hit, how many pods at once. Pure."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from ops.cluster.objects import Object, annotations, lookup
from vocabulary.kinds import CHAOS_EXPERIMENTS
from vocabulary.labels import APP, REPLICAS
from vocabulary.timing.duration import parse_duration

Spec = Mapping[str, Any]


def length_of(schedule: Object) -> timedelta:
    """How long a run takes at most; nothing for what is over at once.

    Raises:
        ValueError: when that is not said.
    """
    spec = schedule["spec"]
    workflow = spec.get("workflow")
    if workflow:
        return parse_duration(str(_templates(workflow)[workflow["entry"]]["deadline"]))
    faults = [spec[key] for key in CHAOS_EXPERIMENTS.values() if key in spec]
    duration = faults[0].get("duration") if faults else None
    return parse_duration(str(duration)) if duration else timedelta()


def services_of(schedule: Object) -> frozenset[str]:
    """Whom it hits."""
    selectors = (lookup(fault, "selector", "labelSelectors") or {} for fault in _faults(schedule))
    return frozenset(str(labels[APP]) for labels in selectors if APP in labels)


def pods_of(schedule: Object) -> int:
    """How many pods have a fault at once, at most."""
    counts = dict(
        entry.strip().split("=", 1)
        for entry in annotations(schedule).get(REPLICAS, "").split(",")
        if "=" in entry
    )
    spec = schedule["spec"]
    workflow = spec.get("workflow")
    if workflow:
        return _at_once(_templates(workflow), workflow["entry"], counts, ())
    return sum(_hit(fault, counts) for fault in _faults(schedule))


def _at_once(
    templates: Mapping[str, Spec], name: str, counts: Mapping[str, str], path: tuple[str, ...]
) -> int:
    template = templates.get(name)
    if template is None or name in path:
        return 0
    below = [_at_once(templates, c, counts, (*path, name)) for c in template.get("children") or ()]
    faults = [template[key] for key in CHAOS_EXPERIMENTS.values() if key in template]
    if template.get("templateType") == "Parallel":
        return sum(below)
    return max([*below, *(_hit(fault, counts) for fault in faults)], default=0)


def _hit(fault: Spec, counts: Mapping[str, str]) -> int:
    mode, value = fault.get("mode"), str(fault.get("value", ""))
    replicas = counts.get((lookup(fault, "selector", "labelSelectors") or {}).get(APP, ""), "")
    there = int(replicas) if replicas.isdecimal() else 1
    if mode == "fixed" and value.isdecimal():
        return int(value)
    if mode in ("fixed-percent", "random-max-percent") and value.isdecimal():
        return -(-there * int(value) // 100)
    return there if mode == "all" else 1


def _faults(schedule: Object) -> Iterator[Spec]:
    spec = schedule["spec"]
    for holder in (spec, *_templates(spec.get("workflow") or {}).values()):
        for key in CHAOS_EXPERIMENTS.values():
            if isinstance(holder.get(key), Mapping):
                yield holder[key]


def _templates(workflow: Spec) -> Mapping[str, Spec]:
    return {str(each.get("name")): each for each in workflow.get("templates") or ()}
