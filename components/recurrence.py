"""The Schedule object around a fault or a workflow: when it recurs, and who answers for it.

Pausing has two owners who do not fight. The stack pauses with `paused` or `killSwitch`; then it
owns the annotation and takes it by force. Without them the annotation is absent from what the
stack declares, so that one set with kubectl survives every `up`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from components.objects import custom_resource, metadata
from settings.calendar import experiments, zoned
from settings.catalogue import Service
from settings.chaos import Chaos
from vocabulary.kinds import SCHEDULE
from vocabulary.labels import (
    CHAOS_PAUSE,
    ENVIRONMENT,
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


@dataclass(frozen=True)
class ChaosContext:
    """What all experiments of a stack have in common."""

    settings: Chaos
    """The chaos area of the stack."""

    services: Mapping[str, Service]
    """The catalogue, by name."""

    environment: str
    """Kind of stack; an experiment must not run in another."""


@dataclass(frozen=True)
class Recurrence:
    """What is said of a recurring experiment apart from what it does."""

    name: str
    """Name of the Schedule object."""

    cron: str
    """When it starts, as configured."""

    hypothesis: str
    """What is expected to hold meanwhile."""

    paused: bool
    """Whether this one is paused by the stack."""

    targets: Sequence[Service]
    """The services that it hits; the object lives in the namespace of the first."""


def schedule(
    resource: str,
    recurrence: Recurrence,
    what: tuple[str, str, dict[str, Any]],
    context: ChaosContext,
    opts: pulumi.ResourceOptions,
) -> CustomResource:
    """Register a Schedule.

    Args:
        resource: name of the Pulumi resource.
        recurrence: when, why and whom.
        what: type, the key that goes with it, and the specification under that key.
        context: what all experiments of the stack have in common.
        opts: resource options.
    """
    kind, key, body = what
    settings = context.settings
    annotations = {
        HYPOTHESIS: recurrence.hypothesis,
        RUNBOOK: settings.runbook,
        REPLICAS: ",".join(f"{target.name}={target.replicas}" for target in recurrence.targets),
    }
    if is_paused(recurrence, settings):
        annotations |= {CHAOS_PAUSE: "true", PATCH_FORCE: "true"}
    labels = {ENVIRONMENT: context.environment, OWNER: settings.owner}
    if len(recurrence.targets) == 1:
        labels[TARGET] = recurrence.targets[0].name
    return custom_resource(
        resource,
        SCHEDULE,
        metadata(
            recurrence.name,
            recurrence.targets[0].namespace,
            part="chaos",
            labels=labels,
            annotations=annotations,
        ),
        {
            "schedule": zoned(recurrence.cron, settings.window.timezone),
            "type": kind,
            "concurrencyPolicy": "Forbid",
            "historyLimit": HISTORY_LIMIT,
            "startingDeadlineSeconds": STARTING_DEADLINE_SECONDS,
            key: body,
        },
        opts,
    )


def is_paused(recurrence: Recurrence, settings: Chaos) -> bool:
    """Whether the stack keeps it from firing."""
    return recurrence.paused or settings.kill_switch


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
