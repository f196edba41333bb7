"""What an experiment injects: the kinds of fault, whom they hit, how hard and for how long.

Each is a small description over a service of the catalogue; `components.faults` spells it for
Chaos Mesh. Faults of HTTP requests are the mesh's (`ops chaos mesh-fault`): Chaos Mesh'
own do not inject behind a sidecar, and break the pod when they end.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.addresses import MountPoint
from settings.quantities import StressedMemory
from settings.types import Duration, Model, Once, broken_rule, duration_field
from settings.words import DnsLabel, DnsPattern, JavaMethod, JavaName, Permissions


class Fault(Model):
    """What all faults have in common."""

    name: DnsLabel = Field(max_length=50)
    """Name of the schedule or of the workflow's step."""

    target: DnsLabel
    """Catalogue service that is hit; it must have `chaos: true`."""

    pods: int = Field(1, ge=1, le=100)
    """How many pods are hit at once; at least one of the service's replicas must be left."""

    duration: Duration = duration_field("3m0s", least="1s", most="30m")
    """How long the fault lasts."""


class PodFailure(Fault):
    """Pods that stop working and come back."""

    kind: Literal["podFailure"]
    duration: Duration = duration_field("30s", least="1s", most="30m")
    """How long the fault lasts."""


class PodKill(Fault):
    """Pods that are deleted; their workload makes new ones."""

    kind: Literal["podKill"]
    duration: Duration = duration_field("30s", least="1s", most="30m")
    """How long the service is watched afterwards; the fault itself is over at once."""


class ContainerKill(Fault):
    """The service's container is killed; the kubelet starts it again."""

    kind: Literal["containerKill"]
    duration: Duration = duration_field("30s", least="1s", most="30m")
    """How long the service is watched afterwards; the fault itself is over at once."""


class NetworkFault(Fault):
    """What all faults of packets have in common; they act on what leaves the pods."""

    duration: Duration = duration_field("5m0s", least="1s", most="30m")
    """How long the fault lasts."""

    peer: DnsLabel | None = None
    """Catalogue service to which the packets go, one that the target calls; null hits all that
    leaves the pods."""


class NetworkDelay(NetworkFault):
    """Packets that arrive late."""

    kind: Literal["networkDelay"]
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


class NetworkLoss(NetworkFault):
    """Packets that get lost."""

    kind: Literal["networkLoss"]
    percent: int = Field(10, ge=1, le=50)
    """Share of the packets."""


class NetworkDuplicate(NetworkFault):
    """Packets that arrive twice."""

    kind: Literal["networkDuplicate"]
    percent: int = Field(10, ge=1, le=50)
    """Share of the packets."""


class NetworkCorrupt(NetworkFault):
    """Packets with a wrong bit, which the receiver throws away."""

    kind: Literal["networkCorrupt"]
    percent: int = Field(5, ge=1, le=10)
    """Share of the packets."""


class NetworkPartition(NetworkFault):
    """Packets to one other service that never arrive."""

    kind: Literal["networkPartition"]
    peer: DnsLabel
    """Catalogue service that cannot be reached any more, one that the target calls."""


class NetworkBandwidth(NetworkFault):
    """A narrow line."""

    kind: Literal["networkBandwidth"]
    kilobytes_per_second: int = Field(128, ge=16, le=1_000_000)
    """What still gets through."""


class CpuStress(Fault):
    """Processes that burn CPU beside the service."""

    kind: Literal["cpuStress"]
    workers: int = Field(1, ge=1, le=8)
    """Processes."""

    load_percent: int = Field(80, ge=1, le=100)
    """Load of each, in percent of a core."""


class MemoryStress(Fault):
    """Processes that hold memory beside the service."""

    kind: Literal["memoryStress"]
    workers: int = Field(1, ge=1, le=8)
    """Processes."""

    size: StressedMemory = "256MB"
    """Memory in all, such as 256MB; keep it below the container's limit."""


class IoFault(Fault):
    """What all faults of a volume have in common."""

    volume_path: MountPoint
    """Mount point of the volume in the container."""

    percent: int = Field(50, ge=1, le=50)
    """Share of calls that are hit."""


class IoLatency(IoFault):
    """A volume that answers slowly."""

    kind: Literal["ioLatency"]
    delay: Duration = duration_field("100ms", least="1ms", most="2s")
    """Delay of every call."""


class IoError(IoFault):
    """A volume whose calls fail."""

    kind: Literal["ioError"]
    error: Literal["EIO", "ENOSPC", "EACCES", "EROFS", "EMFILE", "EAGAIN"] = "EIO"
    """Error that a call answers with, by its name in `errno.h`."""


class IoAttribute(IoFault):
    """A volume whose files have other permissions than they should."""

    kind: Literal["ioAttribute"]
    permissions: Permissions = "000"
    """What the files seem to have."""


class DnsError(Fault):
    """Names that cannot be looked up; Chaos Mesh' own DNS server is installed for it."""

    kind: Literal["dnsError"]
    names: Annotated[tuple[DnsPattern, ...], Once] = Field(min_length=1, max_length=20)
    """Which ones."""

    answer: Literal["error", "random"] = "error"
    """What is answered: that there is no such name, or a random address."""


class ClockSkew(Fault):
    """A clock that is wrong, for the service's own processes only."""

    kind: Literal["clockSkew"]
    offset: Duration = duration_field("5m0s", least="1s", most="10m")
    """How far."""

    clock: Literal["ahead", "behind"] = "behind"
    """To which side."""


class JvmFault(Fault):
    """What all faults inside a Java process have in common."""

    java_class: JavaName
    """Class, with its package."""

    method: JavaMethod
    """Method that is hit, without arguments."""


class JvmLatency(JvmFault):
    """A Java method that takes long."""

    kind: Literal["jvmLatency"]
    latency: Duration = duration_field("200ms", least="1ms", most="2s")
    """Delay of every call."""


class JvmException(JvmFault):
    """A Java method that throws."""

    kind: Literal["jvmException"]
    exception: JavaName = "java.io.IOException"
    """Class of the exception, with its package."""


AnyFault = Annotated[
    PodFailure
    | PodKill
    | ContainerKill
    | NetworkDelay
    | NetworkLoss
    | NetworkDuplicate
    | NetworkCorrupt
    | NetworkPartition
    | NetworkBandwidth
    | CpuStress
    | MemoryStress
    | IoLatency
    | IoError
    | IoAttribute
    | DnsError
    | ClockSkew
    | JvmLatency
    | JvmException,
    Field(discriminator="kind"),
]
"""One of the faults, told apart by `kind`."""
