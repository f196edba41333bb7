"""Containers say what they need and what they may use at most."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.pod_templates import WORKLOADS, checks, containers
from policy.resources import Resource
from policy.rule import MEDIUM, ResourceRule


class Config(RuleConfig):
    """What must be set."""

    requests: tuple[str, ...] = ("cpu", "memory")
    """Resources that every container must ask for."""

    limits: tuple[str, ...] = ("memory",)
    """Resources that every container must limit. A CPU limit only slows a container down."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """Requests and limits of each container."""
    for container in containers(resource):
        for part, names in (("requests", config.requests), ("limits", config.limits)):
            for name in names:
                place = container["resources"][part][name]
                if place.missing:
                    yield place.finding("not set; write an amount")


def admission(config: Config) -> Iterator[Check]:
    """The same for the API server."""
    parts = (("requests", config.requests), ("limits", config.limits))
    yield from checks(
        *(
            Validation(
                "variables.containers.all(c, has(c.resources)"
                f" && has(c.resources.{part}) && '{name}' in c.resources.{part})",
                f"every container must set resources.{part}.{name}",
            )
            for part, names in parts
            for name in names
        )
    )


RULE = ResourceRule(
    id="pods-resources",
    severity=MEDIUM,
    summary="Every container sets resource requests and a memory limit.",
    reason="Without requests the scheduler packs nodes blindly; without a memory limit one leak "
    "takes its neighbours along.",
    fix="Set resources.requests.cpu, resources.requests.memory and resources.limits.memory.",
    kinds=WORKLOADS,
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: batch/v1
kind: CronJob
metadata: {name: anomaly-detector, namespace: anomaly-detection}
spec:
  schedule: "*/10 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: detector
              resources:
                requests: {cpu: 100m, memory: 512Mi}
                limits: {memory: 512Mi}
""",
)
