"""A Schedule does not pile up, does not come back late, and keeps a record."""

from collections.abc import Iterator

from pydantic import Field as Limit

from policy.cel import Check, Validation, quoted
from policy.chaos_checks import REACH, variables
from policy.config import RuleConfig
from policy.experiments import schedules
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import CHAOS_EXPERIMENTS, SCHEDULE, WORKFLOW

FIVE_FIELDS = r"^((CRON_)?TZ=\S+ +)?[^@=\s]+( +[^@=\s]+){4} *$"
LONGEST_NAME = 57
LONGEST_WORKFLOW_NAME = 51


class Config(RuleConfig):
    """Limits of a Schedule."""

    min_deadline: int = Limit(10, ge=1)
    """Least startingDeadlineSeconds, in seconds; less than a controller's hiccup skips runs."""

    max_deadline: int = Limit(600, ge=1)
    """Most startingDeadlineSeconds, in seconds; more fires long after the chosen hour."""

    max_history: int = Limit(20, ge=1)
    """Most finished runs to keep."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """Concurrency, starting deadline, history, item and name."""
    for schedule in schedules(resource):
        policy = schedule["concurrencyPolicy"]
        if policy.missing or policy.text() not in ("Forbid", None):
            yield policy.finding(f"{policy} is not allowed; write Forbid")
        deadline, history = schedule["startingDeadlineSeconds"], schedule["historyLimit"]
        yield from _bounds(deadline, config.min_deadline, config.max_deadline)
        yield from _bounds(history, 1, config.max_history)
        yield from _item(schedule)
    if resource.is_a(SCHEDULE):
        yield from _name(resource)


def _bounds(place: Field, least: int, most: int) -> Iterator[Finding]:
    number = place.number()
    if place.missing or (number is not None and not least <= number <= most):
        yield place.finding(f"{place} is not allowed; write {least} to {most}")


def _item(schedule: Field) -> Iterator[Finding]:
    kind = schedule["type"].text()
    if kind is None:
        if schedule["type"].missing:
            yield schedule["type"].finding("no type is set; write the kind of the experiment")
        return
    key = {**CHAOS_EXPERIMENTS, "Workflow": "workflow"}.get(kind)
    if key is None:
        yield schedule["type"].finding(
            f"{kind} is no kind of experiment; write one such as PodChaos"
        )
    elif schedule[key].missing:
        yield schedule[key].finding(f"type is {kind} but {key} is missing; write it")


def _name(resource: Resource) -> Iterator[Finding]:
    longest = LONGEST_NAME if resource["spec"]["workflow"].missing else LONGEST_WORKFLOW_NAME
    name = resource.object_name
    if name is not None and len(name) > longest:
        yield resource["metadata"]["name"].finding(
            f"{name} has {len(name)} characters; at most {longest}, runs append a suffix"
        )


def admission(config: Config) -> Iterator[Check]:
    """The same for the API server."""
    yield Check(
        kinds=(SCHEDULE,),
        variables=variables(),
        reach=REACH,
        validations=(
            Validation(
                "has(object.spec.concurrencyPolicy) && object.spec.concurrencyPolicy == 'Forbid'",
                "spec.concurrencyPolicy must be Forbid",
            ),
            Validation(
                "has(object.spec.startingDeadlineSeconds)"
                f" && object.spec.startingDeadlineSeconds >= {config.min_deadline}"
                f" && object.spec.startingDeadlineSeconds <= {config.max_deadline}",
                "spec.startingDeadlineSeconds must be "
                f"{config.min_deadline} to {config.max_deadline}",
            ),
            Validation(
                "has(object.spec.historyLimit) && object.spec.historyLimit >= 1"
                f" && object.spec.historyLimit <= {config.max_history}",
                f"spec.historyLimit must be 1 to {config.max_history}",
            ),
            Validation(
                f"object.spec.schedule.matches({quoted(FIVE_FIELDS)})",
                "spec.schedule must be a cron of five wall-clock fields",
            ),
        ),
    )


RULE = ResourceRule(
    id="chaos-schedule-limits",
    severity=HIGH,
    summary="A Schedule forbids concurrency, has a starting deadline and keeps a short history.",
    reason="Without a starting deadline un-pausing fires the missed run at once, at any hour, and "
    "a hundred missed runs kill the schedule for good. Without a history finished runs, and what "
    "they hit, are deleted at once. A Schedule whose item is missing crashes the webhook.",
    fix="Set concurrencyPolicy: Forbid, startingDeadlineSeconds (such as 60) and historyLimit "
    "(such as 5); keep the name short; give the item that `type` names.",
    kinds=(SCHEDULE, WORKFLOW),
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-pod-failure, namespace: brisa}
spec:
  schedule: 0 2 * * 1-5
  type: PodChaos
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 60
  historyLimit: 5
  podChaos: {action: pod-failure, mode: one, duration: 30s, selector: {namespaces: [brisa]}}
""",
)
