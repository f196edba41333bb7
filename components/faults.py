"""A fault of the settings as the experiment that Chaos Mesh runs: kind, key and specification.

Pure, and without duration: a Schedule writes it into the experiment, a Workflow into the step
around it, and each refuses the other's way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from settings.catalogue import Service
from settings.faults import AnyFault, IoFault, JvmFault, NetworkFault
from vocabulary.kinds import CHAOS_EXPERIMENTS, FAULTS
from vocabulary.labels import APP
from vocabulary.timing.duration import format_duration

ERRORS = {"EIO": 5, "EAGAIN": 11, "EACCES": 13, "EMFILE": 24, "ENOSPC": 28, "EROFS": 30}
"""Linux' numbers."""

QUEUE_BYTES, BURST_BYTES = 1 << 20, 32 << 10
"""What may wait for a narrow line, and what may pass at once: a few full packets."""

SAID = "injected by an experiment"
"""What an exception says."""

SIDES = {"ahead": "", "behind": "-"}

ACTIONS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "podFailure": lambda _: {"action": "pod-failure"},
    "podKill": lambda _: {"action": "pod-kill"},
    "containerKill": lambda _: {"action": "container-kill"},
    "networkDelay": lambda fault: {
        "action": "delay",
        "delay": {
            "latency": format_duration(fault.latency),
            "jitter": format_duration(fault.jitter),
        },
    },
    "networkLoss": lambda fault: _packets("loss", fault.percent),
    "networkDuplicate": lambda fault: _packets("duplicate", fault.percent),
    "networkCorrupt": lambda fault: _packets("corrupt", fault.percent),
    "networkPartition": lambda _: {"action": "partition"},
    "networkBandwidth": lambda fault: {
        "action": "bandwidth",
        "bandwidth": {
            "rate": f"{fault.kilobytes_per_second}kbps",
            "limit": QUEUE_BYTES,
            "buffer": BURST_BYTES,
        },
    },
    "cpuStress": lambda fault: {
        "stressors": {"cpu": {"workers": fault.workers, "load": fault.load_percent}}
    },
    "memoryStress": lambda fault: {
        "stressors": {"memory": {"workers": fault.workers, "size": fault.size}}
    },
    "ioLatency": lambda fault: _volume(
        fault, {"action": "latency", "delay": format_duration(fault.delay)}
    ),
    "ioError": lambda fault: _volume(fault, {"action": "fault", "errno": ERRORS[fault.error]}),
    "ioAttribute": lambda fault: _volume(
        fault, {"action": "attrOverride", "attr": {"perm": int(fault.permissions, 8)}}
    ),
    "dnsError": lambda fault: {"action": fault.answer, "patterns": list(fault.names)},
    "clockSkew": lambda fault: {"timeOffset": SIDES[fault.clock] + format_duration(fault.offset)},
    "jvmLatency": lambda fault: _java(
        fault, {"action": "latency", "latency": fault.latency // timedelta(milliseconds=1)}
    ),
    "jvmException": lambda fault: _java(
        fault, {"action": "exception", "exception": f'{fault.exception}("{SAID}")'}
    ),
}
"""What each kind of fault does, as Chaos Mesh spells it."""


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


def experiment(fault: AnyFault, services: Mapping[str, Service]) -> Experiment:
    """The experiment that injects a fault into the pods of a service of the catalogue."""
    kind, service = FAULTS[fault.kind], services[fault.target]
    mode = {"mode": "one"} if fault.pods == 1 else {"mode": "fixed", "value": str(fault.pods)}
    spec = {**ACTIONS[fault.kind](fault), **mode, "selector": _pods_of(service)}
    if isinstance(fault, NetworkFault):
        # Only what leaves the victims is touched: the other side is an address, and loses nothing.
        spec["direction"] = "to"
        if fault.peer:
            spec["target"] = {"mode": "all", "selector": _pods_of(services[fault.peer])}
    else:
        spec["containerNames"] = [service.name]
    return Experiment(kind, spec)


def _pods_of(service: Service) -> dict[str, Any]:
    return {"namespaces": [service.namespace], "labelSelectors": {APP: service.name}}


def _packets(action: str, percent: int) -> dict[str, Any]:
    return {"action": action, action: {action: str(percent)}}


def _volume(fault: IoFault, what: dict[str, Any]) -> dict[str, Any]:
    return {**what, "percent": fault.percent, "volumePath": fault.volume_path}


def _java(fault: JvmFault, what: dict[str, Any]) -> dict[str, Any]:
    return {**what, "class": fault.java_class, "method": fault.method}
