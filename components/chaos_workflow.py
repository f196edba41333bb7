"""One run of an experiment: the specification of a Workflow that frames faults by health checks.

    entry: one after the other
        steady-state         the target answers well, or nothing is injected
        watched-faults       side by side
            faults           the configured steps, with rests between them, or all at once
            watch            stops the run as soon as the target stops answering well
            guard            stops it as soon as Prometheus finds what must not be
        health-validation    the target answers well again, or the run counts as aborted

Pure. An abort that a check asks for needs `components.chaos_abort`.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from components.faults import experiment
from settings.catalogue import Service
from settings.recurring import SLACK, AnyRecurring, HealthValidation
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

MARGIN = SLACK / 3
"""A group ends so long after what is in it, because its deadline takes away what still runs."""

VERDICT_MARGIN = timedelta(seconds=5)
"""A check ends by itself so long before the deadline of its step, because a step that runs into
its deadline is over without any verdict, as if all were well."""


def workflow(
    scheduled: AnyRecurring, services: Mapping[str, Service], guard: str | None = None
) -> dict[str, Any]:
    """The specification of the Workflow that each firing starts.

    Args:
        scheduled: What is injected, and what is watched meanwhile.
        services: The catalogue, by name.
        guard: URL that answers 200 as long as nothing speaks against going on.

    Raises:
        ValueError: when nobody watches it.
    """
    if scheduled.health is None:
        raise ValueError(f"{scheduled.name} has no health, so nobody watches it")
    return {
        "entry": "entry",
        "templates": list(_templates(scheduled, scheduled.health, services, guard)),
    }


def _templates(
    scheduled: AnyRecurring,
    health: HealthValidation,
    services: Mapping[str, Service],
    guard: str | None,
) -> Iterator[dict[str, Any]]:
    lasting = scheduled.faults_duration
    watched = lasting + MARGIN
    stages = ["steady-state", "watched-faults", "health-validation"]
    watchers = ["watch", *(["guard"] if guard else [])]
    yield _group("entry", "Serial", watched + 2 * MARGIN + 2 * health.deadline, stages)
    yield _check("steady-state", health, failures=FAILURES)
    yield _group("watched-faults", "Parallel", watched, ["faults", *watchers])
    yield from _faults(scheduled, services)
    yield _watch("watch", health.url, health.status_code, lasting)
    if guard:
        yield _watch("guard", guard, "200", lasting)
    # Recovery may take its time: only the end of the check's time is a failure.
    yield _check(
        "health-validation", health, failures=int(health.deadline.total_seconds()) // PROBE_SECONDS
    )


def _faults(scheduled: AnyRecurring, services: Mapping[str, Service]) -> Iterator[dict[str, Any]]:
    order, rest = scheduled.order.capitalize(), scheduled.rest
    names = [step.name for step in scheduled.steps]
    if rest and len(names) > 1 and order == "Serial":
        names = [each for name in names for each in (name, "rest")][:-1]
        yield {"name": "rest", "templateType": "Suspend", "deadline": format_duration(rest)}
    yield _group("faults", order, scheduled.faults_duration + MARGIN, names)
    for step in scheduled.steps:
        injected = experiment(step, services)
        yield {
            "name": step.name,
            "templateType": injected.kind,
            "deadline": format_duration(step.duration),
            injected.key: injected.spec,
        }


def _group(name: str, kind: str, deadline: timedelta, children: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "templateType": kind,
        "deadline": format_duration(deadline),
        "children": children,
    }


def _check(name: str, health: HealthValidation, *, failures: int) -> dict[str, Any]:
    how = {
        "mode": "Synchronous",
        "duration": format_duration(health.deadline - VERDICT_MARGIN),
        "failureThreshold": failures,
        "successThreshold": SUCCESSES,
    }
    return _status_check(name, health.url, health.status_code, health.deadline, how)


def _watch(name: str, url: str, code: str, deadline: timedelta) -> dict[str, Any]:
    # No duration of its own: when that runs out, a last bad answer would count as a failure.
    how = {"mode": "Continuous", "failureThreshold": FAILURES}
    return _status_check(name, url, code, deadline, how)


def _status_check(
    name: str, url: str, code: str, deadline: timedelta, how: Mapping[str, Any]
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
            "http": {"url": url, "method": "GET", "criteria": {"statusCode": code}},
        },
    }
