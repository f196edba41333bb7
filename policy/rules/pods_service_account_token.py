"""Pods get no key to the API server that they do not use."""

from collections.abc import Iterator

from policy.cel import Check, Validation, listed
from policy.config import RuleConfig
from policy.findings import Finding
from policy.pod_templates import WORKLOADS, checks, pod_spec
from policy.resources import Resource
from policy.rule import MEDIUM, ResourceRule


class Config(RuleConfig):
    """Who may have a token."""

    allowed: tuple[str, ...] = ()
    """Workloads that talk to the API server, as `namespace/name`."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """The token must be declined in the pod itself."""
    if f"{resource.namespace}/{resource.object_name}" in config.allowed:
        return
    place = pod_spec(resource)["automountServiceAccountToken"]
    if place.missing or place.flag() is True:
        yield place.finding(
            "the pod gets a token for the API server; write false, or list the workload under "
            "`allowed` if it needs one"
        )


def admission(config: Config) -> Iterator[Check]:
    """The same for the API server."""
    yield from checks(
        Validation(
            "(has(variables.pod.automountServiceAccountToken)"
            " && !variables.pod.automountServiceAccountToken)"
            " || object.metadata.namespace + '/' + object.metadata.name in"
            f" {listed(config.allowed)}",
            "automountServiceAccountToken must be false",
        )
    )


RULE = ResourceRule(
    id="pods-service-account-token",
    severity=MEDIUM,
    summary="Pods do not mount a service account token unless they need it.",
    reason="Every pod gets a key to the API server by default; whoever gets in has it too.",
    fix="Set automountServiceAccountToken: false in the pod's spec.",
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
          automountServiceAccountToken: false
          containers: []
""",
)
