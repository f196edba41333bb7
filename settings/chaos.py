"""Chaos engineering: what is injected where, when, how hard, and who answers for it."""

from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from settings.charts import ChaosMeshChart
from settings.types import CronExpression, Day, DnsLabel, Duration, HttpUrl, Model, duration_field
from timing.cron import time_zone
from timing.window import Freeze, Window, weekdays

STAGES = ("entry", "steady-state", "watched-faults", "faults", "watch", "health-validation")
"""Names that a workflow gives its own stages."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class LowTraffic(Model):
    """The window in which experiments may run, from start to end."""

    days: tuple[Weekday, ...] = Field(("mon", "tue", "wed", "thu", "fri"), min_length=1)
    """Weekdays on which it opens; working days, so that somebody is there the morning after."""

    opens: time = time(2)
    """Civil time, `HH:MM`."""

    closes: time = time(6)
    """Civil time, `HH:MM`; at or before `opens` means on the next day."""

    timezone: str = "UTC"
    """IANA name of the zone of both."""

    @model_validator(mode="after")
    def _zone_exists(self) -> "LowTraffic":
        time_zone(self.timezone)
        return self

    def window(self) -> Window:
        """As a span that can be asked."""
        return Window(weekdays(self.days), self.opens, self.closes, time_zone(self.timezone))


class FreezeDays(Model):
    """Days on which no experiment may run."""

    first: Day
    """First day, `YYYY-MM-DD`."""

    last: Day
    """Last day, `YYYY-MM-DD`."""

    reason: str = Field(min_length=1)
    """Why, for those who wonder."""

    @model_validator(mode="after")
    def _in_order(self) -> "FreezeDays":
        if self.last < self.first:
            raise ValueError("last is before first")
        return self

    def freeze(self, timezone: str) -> Freeze:
        """As a span that can be asked."""
        return Freeze(self.first, self.last, time_zone(timezone))


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
            raise ValueError(
                "jitter is larger than latency; packets cannot arrive before they left"
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

    size: str = Field("256MB", pattern=r"^[1-9]\d*(KB|MB|GB)$")
    """Memory in all, such as 256MB; keep it below the container's limit."""


class IoLatency(Fault):
    """A volume that answers slowly."""

    kind: Literal["ioLatency"]
    duration: Duration = duration_field("3m0s", least="1s", most="30m")
    """How long the fault lasts."""

    volume_path: str = Field(pattern=r"^/\S*$")
    """Mount point of the volume in the container."""

    delay: Duration = duration_field("100ms", least="1ms", most="2s")
    """Delay of every call."""

    percent: int = Field(50, ge=1, le=100)
    """Share of calls that are delayed."""


AnyFault = Annotated[
    PodFailure | NetworkDelay | CpuStress | MemoryStress | IoLatency, Field(discriminator="kind")
]
"""One of the faults, told apart by `kind`."""


class HealthValidation(Model):
    """What the target must answer before a workflow's faults, during them, and again after."""

    url: HttpUrl
    """What is asked, from the Chaos Mesh controller; it has no mesh identity, so a service behind
    STRICT mutual TLS is asked through the gateway or the detector."""

    status_code: str = Field("200-299", pattern=r"^[1-5]\d\d(-[1-5]\d\d)?$")
    """Answer that counts as healthy."""

    deadline: Duration = duration_field("2m0s", least="10s", most="30m")
    """How long the target may take to answer well, before and after the faults."""


class ScheduledFault(Model):
    """A fault that recurs."""

    cron: CronExpression
    """When it starts; wall-clock, inside the window."""

    fault: AnyFault
    """What is injected."""

    hypothesis: str = Field(min_length=1)
    """What is expected to hold meanwhile."""

    paused: bool = False
    """Created but not firing."""


class ScheduledWorkflow(Model):
    """A chain of faults that recurs."""

    name: DnsLabel = Field(max_length=50)
    """Name of the schedule."""

    cron: CronExpression
    """When it starts; wall-clock, inside the window."""

    steps: tuple[AnyFault, ...] = Field(min_length=1)
    """Faults, one after the other."""

    health: HealthValidation
    """What must hold at the end."""

    hypothesis: str = Field(min_length=1)
    """What is expected to hold meanwhile."""

    paused: bool = False
    """Created but not firing."""

    @field_validator("steps")
    @classmethod
    def _names_are_free(cls, steps: tuple[AnyFault, ...]) -> tuple[AnyFault, ...]:
        taken = sorted({step.name for step in steps} & set(STAGES))
        if taken:
            raise ValueError(f"{', '.join(taken)} cannot name a step; the workflow uses it itself")
        return steps

    @property
    def faults_duration(self) -> timedelta:
        """How long the faults last, one after the other."""
        return sum((step.duration for step in self.steps), timedelta())

    @property
    def duration(self) -> timedelta:
        """How long a run takes at most: health check, faults, health check."""
        return self.faults_duration + 2 * self.health.deadline


class Chaos(Model):
    """The chaos area of a stack."""

    install: bool = True
    """Install Chaos Mesh; false where the cluster has it already."""

    namespace: DnsLabel = "chaos-mesh"
    """Where Chaos Mesh runs."""

    chart: ChaosMeshChart = ChaosMeshChart()
    """Chaos Mesh."""

    kill_switch: bool = False
    """Pause every schedule of the stack."""

    owner: str = Field("platform", min_length=1, pattern=r"^[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?$")
    """Team that answers for experiments; a label on each."""

    runbook: HttpUrl = (
        "https://github.com/albertodimas/brisa-cubana-clean-intelligence/blob/main/docs/runbook.md"
    )
    """What to read when one goes wrong."""

    window: LowTraffic = LowTraffic()
    """When experiments may run."""

    freezes: tuple[FreezeDays, ...] = ()
    """When they may not, window or not."""

    lookahead_weeks: int = Field(8, ge=1, le=52)
    """How far ahead firings are checked against window, freezes and each other."""

    schedules: tuple[ScheduledFault, ...] = ()
    """Recurring faults."""

    workflows: tuple[ScheduledWorkflow, ...] = ()
    """Recurring chains of faults."""
