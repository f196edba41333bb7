"""A single fault that recurs: a Chaos Mesh Schedule with the experiment in it.

Never a bare experiment: creating one would run it at once.
"""

import pulumi

from components.faults import experiment
from components.objects import TOKEN
from components.recurrence import ChaosContext, Recurrence, is_paused, schedule
from settings.chaos import ScheduledFault
from vocabulary.timing.duration import format_duration


class ChaosSchedule(pulumi.ComponentResource):
    """A recurring fault on one service of the catalogue."""

    schedule: pulumi.Output[str]
    """Namespace and name of the Schedule object, `brisa/api-pod-failure`."""

    paused: bool
    """Whether the stack keeps it from firing."""

    def __init__(
        self,
        name: str,
        scheduled: ScheduledFault,
        context: ChaosContext,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TOKEN}:chaos_schedule:ChaosSchedule", name, None, opts)
        fault = scheduled.fault
        target = context.services[fault.target]
        recurrence = Recurrence(
            fault.name, scheduled.cron, scheduled.hypothesis, scheduled.paused, (target,)
        )
        injected = experiment(fault, target)
        body = {**injected.spec, "duration": format_duration(fault.duration)}
        made = schedule(
            f"{name}-schedule",
            recurrence,
            (injected.kind, injected.key, body),
            context,
            pulumi.ResourceOptions(parent=self),
        )
        self.schedule = made.id
        self.paused = is_paused(recurrence, context.settings)
        self.register_outputs({"schedule": self.schedule, "paused": self.paused})
