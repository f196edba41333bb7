"""A fault of the settings as the experiment that Chaos Mesh runs: kind, key and specification.

Pure, and without duration: a Schedule writes it into the experiment, a Workflow into the step
around it, and each refuses the other's way.
"""

from dataclasses import dataclass
from typing import Any

from settings.catalogue import Service
from settings.faults import (
    AnyFault,
    CpuStress,
    IoLatency,
    MemoryStress,
    NetworkDelay,
    PodFailure,
)
from vocabulary.kinds import CHAOS_EXPERIMENTS, FAULTS
from vocabulary.labels import APP
from vocabulary.timing.duration import format_duration


@dataclass(frozen=True)
class Experiment:
    """One fault on one service, as Chaos Mesh spells it."""

    kind: str
    """Such as `PodChaos`."""

    spec: dict[str, Any]
    """Its specification without duration."""

    @property
    def key(self) -> str:
        """The key under which a Schedule or a workflow step embeds it."""
        return CHAOS_EXPERIMENTS[self.kind]


def experiment(fault: AnyFault, service: Service) -> Experiment:
    """The experiment that injects a fault into the pods of a service."""
    kind = FAULTS[fault.kind]
    containers = {} if kind == "NetworkChaos" else {"containerNames": [service.name]}
    return Experiment(kind, {**_action(fault), **_victims(fault, service), **containers})


def _victims(fault: AnyFault, service: Service) -> dict[str, Any]:
    mode = {"mode": "one"} if fault.pods == 1 else {"mode": "fixed", "value": str(fault.pods)}
    return {
        **mode,
        "selector": {
            "namespaces": [service.namespace],
            "labelSelectors": {APP: service.name},
        },
    }


def _action(fault: AnyFault) -> dict[str, Any]:
    match fault:
        case PodFailure():
            return {"action": "pod-failure"}
        case NetworkDelay():
            delay = {
                "latency": format_duration(fault.latency),
                "jitter": format_duration(fault.jitter),
            }
            return {"action": "delay", "direction": "to", "delay": delay}
        case CpuStress():
            cpu = {"workers": fault.workers, "load": fault.load_percent}
            return {"stressors": {"cpu": cpu}}
        case MemoryStress():
            memory = {"workers": fault.workers, "size": fault.size}
            return {"stressors": {"memory": memory}}
        case IoLatency():
            return {
                "action": "latency",
                "delay": format_duration(fault.delay),
                "percent": fault.percent,
                "volumePath": fault.volume_path,
            }
