"""A chain of faults that recurs: a Schedule of type Workflow, framed by health checks.

    entry: one after the other
        steady-state         the target answers well, or nothing is injected
        watched-faults       side by side
            faults           the configured steps, one after the other
            watch            stops the run as soon as the target stops answering well
        health-validation    the target answers well again, or the run counts as aborted

An abort that a check asks for needs `components.chaos_abort`.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pulumi

from components.faults import experiment
from components.objects import TOKEN
from components.recurrence import ChaosContext, Recurrence, is_paused, schedule
from settings.catalogue import Service
from settings.chaos import HealthValidation, ScheduledWorkflow
from settings.faults import AnyFault
from vocabulary.timing.duration import format_duration

PROBE_SECONDS = 2
"""Pause between two questions of a check; the first comes after one pause."""

TIMEOUT_SECONDS = 1
"""Limit for an answer."""

FAILURES = 3
"""Bad answers in a row that end a run: eight seconds after the target fell over, so well within
the shortest fault worth injecting."""

SUCCESSES = 3
"""Good answers in a row that count as health; one may be luck."""

VERDICT_MARGIN = timedelta(seconds=5)
"""A check ends by itself so long before the deadline of its step, because a step that runs into
its deadline is over without any verdict, as if all were well."""


class ChaosWorkflow(pulumi.ComponentResource):
    """A recurring chain of faults with health checks before, during and after."""

    schedule: pulumi.Output[str]
    """Namespace and name of the Schedule object."""

    paused: bool
    """Whether the stack keeps it from firing; a run under way is stopped by its abort annotation,
    not by a pause."""

    def __init__(
        self,
        name: str,
        scheduled: ScheduledWorkflow,
        context: ChaosContext,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TOKEN}:chaos_workflow:ChaosWorkflow", name, None, opts)
        targets = dict.fromkeys(step.target for step in scheduled.steps)
        recurrence = Recurrence(
            scheduled.name,
            scheduled.cron,
            scheduled.hypothesis,
            scheduled.paused,
            [context.services[target] for target in targets],
        )
        made = schedule(
            f"{name}-schedule",
            recurrence,
            ("Workflow", "workflow", workflow(scheduled, context.services)),
            context,
            pulumi.ResourceOptions(parent=self),
        )
        self.schedule = made.id
        self.paused = is_paused(recurrence, context.settings)
        self.register_outputs({"schedule": self.schedule, "paused": self.paused})


def workflow(scheduled: ScheduledWorkflow, services: Mapping[str, Service]) -> dict[str, Any]:
    """The specification of the Workflow that each firing starts."""
    return {"entry": "entry", "templates": list(_templates(scheduled, services))}


def _templates(
    scheduled: ScheduledWorkflow, services: Mapping[str, Service]
) -> Iterator[dict[str, Any]]:
    health, faults = scheduled.health, scheduled.faults_duration
    stages = ["steady-state", "watched-faults", "health-validation"]
    yield _group("entry", "Serial", scheduled.duration, stages)
    yield _check("steady-state", health, failures=FAILURES)
    yield _group("watched-faults", "Parallel", faults, ["faults", "watch"])
    yield _group("faults", "Serial", faults, [step.name for step in scheduled.steps])
    for step in scheduled.steps:
        yield _step(step, services[step.target])
    yield _watch(health, faults)
    # Recovery may take its time: only the end of the check's time is a failure.
    yield _check(
        "health-validation", health, failures=int(health.deadline.total_seconds()) // PROBE_SECONDS
    )


def _group(name: str, kind: str, deadline: timedelta, children: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "templateType": kind,
        "deadline": format_duration(deadline),
        "children": children,
    }


def _step(fault: AnyFault, service: Service) -> dict[str, Any]:
    injected = experiment(fault, service)
    return {
        "name": fault.name,
        "templateType": injected.kind,
        "deadline": format_duration(fault.duration),
        injected.key: injected.spec,
    }


def _check(name: str, health: HealthValidation, *, failures: int) -> dict[str, Any]:
    return _status_check(
        name,
        health,
        health.deadline,
        {
            "mode": "Synchronous",
            "duration": format_duration(health.deadline - VERDICT_MARGIN),
            "failureThreshold": failures,
            "successThreshold": SUCCESSES,
        },
    )


def _watch(health: HealthValidation, deadline: timedelta) -> dict[str, Any]:
    # No duration of its own: when that runs out, a last bad answer would count as a failure.
    return _status_check(
        "watch", health, deadline, {"mode": "Continuous", "failureThreshold": FAILURES}
    )


def _status_check(
    name: str, health: HealthValidation, deadline: timedelta, how: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "name": name,
        "templateType": "StatusCheck",
        "deadline": format_duration(deadline),
        "abortWithStatusCheck": True,
        "statusCheck": {
            **how,
            "type": "HTTP",
            "intervalSeconds": PROBE_SECONDS,
            "timeoutSeconds": TIMEOUT_SECONDS,
            "http": {
                "url": health.url,
                "method": "GET",
                "criteria": {"statusCode": health.status_code},
            },
        },
    }
