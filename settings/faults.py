"""What an experiment injects: the kinds of fault, how hard and for how long."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.addresses import MountPoint
from settings.quantities import StressedMemory
from settings.types import Duration, Model, broken_rule, duration_field
from settings.words import DnsLabel


class Fault(Model):
    """What all faults have in common."""

    name: DnsLabel = Field(max_length=50)
    """Name of the schedule or of the workflow's step."""

    target: DnsLabel
    """Catalogue service that is hit; it must have `chaos: true`."""

    pods: int = Field(1, ge=1, le=100)
    """How many pods are hit at once; at least one of the service's replicas must be left."""


class PodFailure(Fault):
    """Pods that stop working and come back."""

    kind: Literal["podFailure"]
    duration: Duration = duration_field("30s", least="1s", most="30m")
    """How long the fault lasts."""


class NetworkDelay(Fault):
    """Packets that arrive late."""

    kind: Literal["networkDelay"]
    duration: Duration = duration_field("5m0s", least="1s", most="30m")
    """How long the fault lasts."""

    latency: Duration = duration_field("200ms", least="1ms", most="2s")
    """Delay of every packet."""

    jitter: Duration = duration_field("50ms", least="0s", most="1s")
    """How far the delay varies, up and down."""

    @model_validator(mode="after")
    def _jitter_below_latency(self) -> "NetworkDelay":
        if self.jitter > self.latency:
            raise broken_rule(
                "is larger than latency; packets cannot arrive before they left", "jitter"
            )
        return self


class CpuStress(Fault):
    """Processes that burn CPU beside the service."""

    kind: Literal["cpuStress"]
    duration: Duration = duration_field("3m0s", least="1s", most="30m")
    """How long the fault lasts."""

    workers: int = Field(1, ge=1, le=8)
    """Processes."""

    load_percent: int = Field(80, ge=1, le=100)
    """Load of each, in percent of a core."""


class MemoryStress(Fault):
    """Processes that hold memory beside the service."""

    kind: Literal["memoryStress"]
    duration: Duration = duration_field("3m0s", least="1s", most="30m")
    """How long the fault lasts."""

    workers: int = Field(1, ge=1, le=8)
    """Processes."""

    size: StressedMemory = "256MB"
    """Memory in all, such as 256MB; keep it below the container's limit."""


class IoLatency(Fault):
    """A volume that answers slowly."""

    kind: Literal["ioLatency"]
    duration: Duration = duration_field("3m0s", least="1s", most="30m")
    """How long the fault lasts."""

    volume_path: MountPoint
    """Mount point of the volume in the container."""

    delay: Duration = duration_field("100ms", least="1ms", most="2s")
    """Delay of every call."""

    percent: int = Field(50, ge=1, le=100)
    """Share of calls that are delayed."""


AnyFault = Annotated[
    PodFailure | NetworkDelay | CpuStress | MemoryStress | IoLatency, Field(discriminator="kind")
]
"""One of the faults, told apart by `kind`."""
