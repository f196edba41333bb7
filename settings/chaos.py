"""Chaos engineering: when faults are injected, what must hold meanwhile, and who answers for it.

The faults themselves are `settings.faults`' concern.
"""

from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from settings.addresses import HttpUrl
from settings.charts import ChaosMeshChart
from settings.faults import AnyFault
from settings.types import (
    CronExpression,
    Day,
    Duration,
    Model,
    Once,
    TimeOfDay,
    TimeZone,
    broken_rule,
    duration_field,
)
from settings.words import DnsLabel, LabelValue, Statuses, Text
from vocabulary.timing.cron import time_zone
from vocabulary.timing.window import Freeze, Window, weekdays

STAGES = ("entry", "steady-state", "watched-faults", "faults", "watch", "health-validation")
"""Names that a workflow gives its own stages."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class LowTraffic(Model):
    """The window in which experiments may run, from start to end."""

    days: Annotated[tuple[Weekday, ...], Once] = Field(
        ("mon", "tue", "wed", "thu", "fri"), min_length=1
    )
    """Weekdays on which it opens; working days, so that somebody is there the morning after."""

    opens: TimeOfDay = time(2)
    """Civil time, `HH:MM`."""

    closes: TimeOfDay = time(6)
    """Civil time, `HH:MM`; at or before `opens` means on the next day."""

    timezone: TimeZone = "UTC"
    """IANA name of the zone of both."""

    def window(self) -> Window:
        """As a span that can be asked."""
        return Window(weekdays(self.days), self.opens, self.closes, time_zone(self.timezone))


class FreezeDays(Model):
    """Days on which no experiment may run."""

    first: Day
    """First day, `YYYY-MM-DD`."""

    last: Day
    """Last day, `YYYY-MM-DD`."""

    reason: Text
    """Why, for those who wonder."""

    @model_validator(mode="after")
    def _in_order(self) -> "FreezeDays":
        if self.last < self.first:
            raise broken_rule(f"is before the first day, {self.first}", "last")
        return self

    def freeze(self, timezone: str) -> Freeze:
        """As a span that can be asked."""
        return Freeze(self.first, self.last, time_zone(timezone))


class HealthValidation(Model):
    """What the target must answer before a workflow's faults, during them, and again after."""

    url: HttpUrl
    """What is asked, from the Chaos Mesh controller; it has no mesh identity, so a service behind
    STRICT mutual TLS is asked through the gateway or the detector."""

    status_code: Statuses = "200-299"
    """Answer that counts as healthy."""

    deadline: Duration = duration_field("2m0s", least="10s", most="30m")
    """How long the target may take to answer well, before and after the faults."""

    @field_validator("status_code")
    @classmethod
    def _in_order(cls, code: str) -> str:
        first, _, last = code.partition("-")
        if last and last < first:
            raise ValueError("ends before it begins")
        return code


class ScheduledFault(Model):
    """A fault that recurs."""

    cron: CronExpression
    """When it starts; wall-clock, inside the window."""

    fault: AnyFault
    """What is injected."""

    hypothesis: Text
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

    hypothesis: Text
    """What is expected to hold meanwhile."""

    paused: bool = False
    """Created but not firing."""

    @field_validator("steps")
    @classmethod
    def _names_are_their_own(cls, steps: tuple[AnyFault, ...]) -> tuple[AnyFault, ...]:
        names = [step.name for step in steps]
        taken = sorted(set(names) & set(STAGES))
        if taken:
            raise ValueError(f"{', '.join(taken)} cannot name a step; the workflow uses it itself")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} names more than one step")
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

    abortable: bool = True
    """Whether a failed health check can stop a workflow. It takes a mutating admission policy,
    which clusters before Kubernetes 1.36 do not serve; with false a failed check stops nothing,
    and each fault runs on to its own end."""

    kill_switch: bool = False
    """Pause every schedule of the stack."""

    owner: LabelValue = "platform"
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

    @property
    def aborts(self) -> bool:
        """Whether there are workflows that failed health checks are to stop."""
        return self.abortable and bool(self.workflows)
