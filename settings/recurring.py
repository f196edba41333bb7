"""Recurring experiments: what is injected when, what must hold meanwhile, who is told and stops it.

A single fault and a chain of faults are the same thing: a run that is watched before, during and
after. The faults themselves are `settings.faults`' concern.
"""

from datetime import timedelta
from typing import Literal

from pydantic import Field, field_validator

from settings.addresses import HttpUrl, ProbedUrl
from settings.faults import AnyFault
from settings.types import CronExpression, Duration, Model, duration_field
from settings.words import Condition, DnsLabel, LabelValue, Line, Statuses, Text

STAGES = (
    "entry",
    "steady-state",
    "watched-faults",
    "faults",
    "rest",
    "watch",
    "guard",
    "health-validation",
)
"""Names that a run gives its own stages."""

SERVER_ERROR = "500"
"""Status codes from here on say that a server failed."""

SLACK = timedelta(seconds=15)
"""What a run may need beyond its stages: each is begun and ended by a controller."""


class HealthValidation(Model):
    """What must be answered before the faults, during them, and again after."""

    url: ProbedUrl
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
        if (last or first) >= SERVER_ERROR:
            raise ValueError("has errors of a server, which are no sign of health")
        return code


class Recurring(Model):
    """What is said of every recurring experiment, apart from what it injects."""

    cron: CronExpression
    """When it starts; wall-clock, inside the window."""

    hypothesis: Text
    """What is expected to hold meanwhile."""

    health: HealthValidation | None = None
    """What must hold before, during and after; the area's `health` when not given."""

    abort_when: Condition | None = None
    """PromQL that stops a run as soon as it finds a series, three times in a row; asked of
    `anomaly.prometheusUrl`, whose silence stops a run too."""

    collateral: Literal["ignore", "abort"] = "ignore"
    """`abort` stops a run also when the detector finds something odd about a service that is no
    target, or has not judged for three of its intervals."""

    expected_alert: Line | None = None
    """Name of the alert that must fire, one of the stack's rules or of
    `observability.rules.elsewhere`; a report without it says that it was missed."""

    owner: LabelValue | None = None
    """Team that answers for it; the area's when not given."""

    runbook: HttpUrl | None = None
    """What to read when it goes wrong; the area's when not given."""

    paused: bool = False
    """Created but not firing."""


class ScheduledFault(Recurring):
    """A fault that recurs."""

    fault: AnyFault
    """What is injected."""

    @field_validator("fault")
    @classmethod
    def _name_is_its_own(cls, fault: AnyFault) -> AnyFault:
        _check_names((fault,))
        return fault

    @property
    def name(self) -> str:
        """Name of the schedule."""
        return self.fault.name

    @property
    def steps(self) -> tuple[AnyFault, ...]:
        """Its faults: the one."""
        return (self.fault,)

    @property
    def order(self) -> Literal["serial", "parallel"]:
        """There is only one."""
        return "serial"

    @property
    def rest(self) -> timedelta:
        """There is only one."""
        return timedelta()

    @property
    def faults_duration(self) -> timedelta:
        """How long faults are in the system."""
        return self.fault.duration


class ScheduledWorkflow(Recurring):
    """A chain of faults that recurs: a game day."""

    name: DnsLabel = Field(max_length=50)
    """Name of the schedule."""

    steps: tuple[AnyFault, ...] = Field(min_length=1)
    """Faults."""

    order: Literal["serial", "parallel"] = "serial"
    """One after the other, or all at once."""

    rest: Duration = duration_field("0s", least="0s", most="30m")
    """Pause between one step and the next, in which the target is watched all the same."""

    @field_validator("steps")
    @classmethod
    def _names_are_their_own(cls, steps: tuple[AnyFault, ...]) -> tuple[AnyFault, ...]:
        _check_names(steps)
        return steps

    @property
    def faults_duration(self) -> timedelta:
        """How long faults, and rests between them, are in the system."""
        lengths = [step.duration for step in self.steps]
        if self.order == "parallel":
            return max(lengths)
        return sum(lengths, timedelta()) + (len(lengths) - 1) * self.rest


AnyRecurring = ScheduledFault | ScheduledWorkflow
"""An experiment that recurs."""


def _check_names(steps: tuple[AnyFault, ...]) -> None:
    names = [step.name for step in steps]
    taken = sorted(set(names) & set(STAGES))
    if taken:
        raise ValueError(f"{', '.join(taken)} cannot name a step; the workflow uses it itself")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} names more than one step")
