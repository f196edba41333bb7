"""An experiment that recurs: a Chaos Mesh Schedule of a Workflow, watched from first to last.

Never a bare experiment: creating one would run it at once. Never a bare fault in a Schedule either:
nobody would stop it.

Pausing has two owners who do not fight. The stack pauses with `paused` or `killSwitch`; then it
owns the annotation and takes it by force. Without them the annotation is absent from what the
stack declares, so that one set with kubectl survives every `up`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pulumi

from components.chaos_workflow import workflow
from components.objects import TOKEN, custom_resource, metadata
from observability.promql.guard import blind, collateral, question
from settings.anomaly import Anomaly
from settings.calendar import experiments, zoned
from settings.catalogue import Service
from settings.chaos import Chaos
from settings.recurring import AnyRecurring
from vocabulary.kinds import SCHEDULE
from vocabulary.labels import (
    ABORT_WHEN,
    CHAOS_PAUSE,
    ENVIRONMENT,
    EXPECTED_ALERT,
    HYPOTHESIS,
    OWNER,
    PATCH_FORCE,
    REPLICAS,
    RUNBOOK,
    TARGET,
)

STARTING_DEADLINE_SECONDS = 60
"""A start that is missed by more, because experiments were paused or the controller was away, is
dropped; otherwise it would be made up for at whatever hour the pause ends."""

HISTORY_LIMIT = 10
"""Finished runs that are kept: the record of what was injected and when."""

BY_ITSELF = pulumi.Alias(type_=f"{TOKEN}:chaos_workflow:ChaosWorkflow")
"""What chains of faults were, before single ones were watched like them."""


@dataclass(frozen=True)
class ChaosContext:
    """What all experiments of a stack have in common."""

    settings: Chaos
    """The chaos area of the stack."""

    services: Mapping[str, Service]
    """The catalogue, by name."""

    environment: str
    """Kind of stack; an experiment must not run in another."""

    anomaly: Anomaly
    """The detector, whose verdict may stop a run, and the Prometheus that is asked for it."""


class ChaosSchedule(pulumi.ComponentResource):
    """A recurring experiment on services of the catalogue."""

    schedule: pulumi.Output[str]
    """Namespace and name of the Schedule object, `brisa/api-pod-failure`."""

    paused: bool
    """Whether the stack keeps it from firing; a run under way is stopped by its abort annotation,
    not by a pause."""

    def __init__(
        self,
        name: str,
        scheduled: AnyRecurring,
        context: ChaosContext,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        renamed = pulumi.ResourceOptions(aliases=[BY_ITSELF])
        super().__init__(
            f"{TOKEN}:chaos_schedule:ChaosSchedule",
            name,
            None,
            pulumi.ResourceOptions.merge(opts, renamed),
        )
        settings = context.settings
        names = dict.fromkeys(step.target for step in scheduled.steps)
        targets = [context.services[target] for target in names]
        self.paused = scheduled.paused or settings.kill_switch
        annotations = {
            HYPOTHESIS: scheduled.hypothesis,
            RUNBOOK: scheduled.runbook or settings.runbook,
            REPLICAS: ",".join(f"{target.name}={target.replicas}" for target in targets),
        }
        told = {EXPECTED_ALERT: scheduled.expected_alert, ABORT_WHEN: scheduled.abort_when}
        annotations |= {key: text for key, text in told.items() if text}
        if self.paused:
            annotations |= {CHAOS_PAUSE: "true", PATCH_FORCE: "true"}
        labels = {
            ENVIRONMENT: context.environment,
            OWNER: scheduled.owner or settings.owner,
        }
        if len(targets) == 1:
            labels[TARGET] = targets[0].name
        made = custom_resource(
            f"{name}-schedule",
            SCHEDULE,
            metadata(
                scheduled.name,
                targets[0].namespace,
                part="chaos",
                labels=labels,
                annotations=annotations,
            ),
            {
                "schedule": zoned(scheduled.cron, settings.window.timezone),
                "type": "Workflow",
                "concurrencyPolicy": "Forbid",
                "historyLimit": HISTORY_LIMIT,
                "startingDeadlineSeconds": STARTING_DEADLINE_SECONDS,
                "workflow": workflow(scheduled, context.services, _guard(scheduled, context)),
            },
            pulumi.ResourceOptions(parent=self),
        )
        self.schedule = made.id
        self.register_outputs({"schedule": self.schedule, "paused": self.paused})


def _guard(scheduled: AnyRecurring, context: ChaosContext) -> str | None:
    """The URL whose answer stops a run; None when nothing shall but the health check."""
    conditions = [scheduled.abort_when] if scheduled.abort_when else []
    if scheduled.collateral == "abort":
        targets = {step.target for step in scheduled.steps}
        namespaces = {context.services[target].namespace for target in targets}
        conditions += [
            collateral(namespaces, targets),
            blind(int(context.anomaly.interval.total_seconds())),
        ]
    return question(context.anomaly.prometheus_url, *conditions) if conditions else None


def next_firings(settings: Chaos, now: datetime) -> dict[str, str]:
    """For each schedule of the stack when it fires next, or `paused`."""
    return {
        experiment.name: "paused"
        if experiment.paused or settings.kill_switch
        else _written(experiment.cron.next(now))
        for experiment in experiments(settings)
    }


def _written(firing: datetime | None) -> str:
    return firing.isoformat() if firing else "never"
