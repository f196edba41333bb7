"""Chaos engineering: when faults may be injected, what is the same for all, and who answers.

The experiments themselves are `settings.recurring`'s concern.
"""

from collections.abc import Sequence
from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.addresses import HttpUrl
from settings.charts import ChaosMeshChart
from settings.recurring import (
    SLACK,
    AnyRecurring,
    HealthValidation,
    ScheduledFault,
    ScheduledWorkflow,
)
from settings.types import (
    Day,
    Model,
    Once,
    TimeOfDay,
    TimeZone,
    broken_rule,
)
from settings.words import DnsLabel, LabelValue, Text
from vocabulary.timing.cron import time_zone
from vocabulary.timing.window import Freeze, Window, weekdays

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


class Chaos(Model):
    """The chaos area of a stack."""

    install: bool = True
    """Install Chaos Mesh; false where the cluster has it already."""

    namespace: DnsLabel = "chaos-mesh"
    """Where Chaos Mesh runs."""

    chart: ChaosMeshChart = ChaosMeshChart()
    """Chaos Mesh."""

    abortable: bool = True
    """Whether a failed health check can stop an experiment. It takes a mutating admission policy,
    which clusters before Kubernetes 1.36 do not serve; with false a failed check stops nothing,
    and each fault runs on to its own end."""

    kill_switch: bool = False
    """Stop: every schedule of the stack is paused, and the cluster takes no new experiment."""

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

    health: HealthValidation | None = None
    """What every experiment is watched by that says nothing else."""

    lookahead_weeks: int = Field(8, ge=1, le=52)
    """How far ahead firings are checked against window, freezes and each other."""

    schedules: tuple[ScheduledFault, ...] = ()
    """Recurring faults."""

    workflows: tuple[ScheduledWorkflow, ...] = ()
    """Recurring chains of faults."""

    @property
    def aborts(self) -> bool:
        """Whether there are experiments that failed health checks are to stop."""
        return self.abortable and bool(self.recurring)

    @property
    def recurring(self) -> Sequence[AnyRecurring]:
        """All that recurs, completed by what the area says for all."""
        listed: tuple[AnyRecurring, ...] = (*self.schedules, *self.workflows)
        common = {"health": self.health, "owner": self.owner, "runbook": self.runbook}
        return [
            each.model_copy(update={k: v for k, v in common.items() if getattr(each, k) is None})
            for each in listed
        ]

    def duration(self, scheduled: AnyRecurring) -> timedelta:
        """How long a run takes at most: health check, faults, health check."""
        health = scheduled.health or self.health
        checks = 2 * health.deadline if health else timedelta()
        return scheduled.faults_duration + checks + SLACK
