"""A CronJob does not pile up, does not hang, and cleans up after itself."""

from collections.abc import Iterator

from pydantic import Field as Limit

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import MEDIUM, ResourceRule
from vocabulary.kinds import CRON_JOB
from vocabulary.labels import PART_OF, PLATFORM


class Config(RuleConfig):
    """Limits of a CronJob."""

    max_starting_deadline: int = Limit(600, ge=10)
    """Most startingDeadlineSeconds, in seconds."""

    max_active_deadline: int = Limit(3600, ge=1)
    """Most activeDeadlineSeconds of a run, in seconds."""

    max_history: int = Limit(10, ge=0)
    """Most finished jobs to keep, of each kind."""

    max_backoff: int = Limit(3, ge=0)
    """Most retries of a failed pod; of each index, where the job is indexed by it."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """Concurrency, deadlines, retries and history."""
    spec = resource["spec"]
    policy = spec["concurrencyPolicy"]
    if policy.missing or policy.text() not in ("Forbid", "Replace", None):
        yield policy.finding(f"{policy} lets runs pile up; write Forbid")
    job = spec["jobTemplate"]["spec"]
    # The controller looks every ten seconds: a shorter starting deadline may never be met.
    yield from _bounds(spec["startingDeadlineSeconds"], 10, config.max_starting_deadline)
    yield from _bounds(job["activeDeadlineSeconds"], 1, config.max_active_deadline)
    each = job["backoffLimitPerIndex"]
    yield from _bounds(job["backoffLimit"] if each.missing else each, 0, config.max_backoff)
    for name in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        yield from _bounds(spec[name], 0, config.max_history)


def _bounds(place: Field, least: int, most: int) -> Iterator[Finding]:
    number = place.number()
    if place.missing or (number is not None and not least <= number <= most):
        yield place.finding(f"{place} is not allowed; write {least} to {most}")


def admission(config: Config) -> Iterator[Check]:
    """For the API server: concurrency and deadlines."""
    job = "object.spec.jobTemplate.spec.activeDeadlineSeconds"
    yield Check(
        kinds=(CRON_JOB,),
        labels={PART_OF: PLATFORM},
        validations=(
            Validation(
                "object.spec.concurrencyPolicy in ['Forbid', 'Replace']",
                "spec.concurrencyPolicy must be Forbid or Replace",
            ),
            Validation(
                "has(object.spec.startingDeadlineSeconds)"
                f" && object.spec.startingDeadlineSeconds <= {config.max_starting_deadline}"
                f" && has({job}) && {job} <= {config.max_active_deadline}",
                "startingDeadlineSeconds and the job's activeDeadlineSeconds must be set, at most "
                f"{config.max_starting_deadline} and {config.max_active_deadline}",
            ),
        ),
    )


RULE = ResourceRule(
    id="pods-cronjob-limits",
    severity=MEDIUM,
    summary="A CronJob forbids concurrency, has deadlines, few retries and a short history.",
    reason="A run that hangs would otherwise block or double every later one, and after a hundred "
    "missed starts without a starting deadline the CronJob never runs again.",
    fix="Set concurrencyPolicy, startingDeadlineSeconds, both history limits, and the job's "
    "activeDeadlineSeconds and backoffLimit.",
    kinds=(CRON_JOB,),
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: batch/v1
kind: CronJob
metadata: {name: anomaly-detector, namespace: anomaly-detection}
spec:
  schedule: "*/10 * * * *"
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 120
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec: {activeDeadlineSeconds: 300, backoffLimit: 0}
""",
)
