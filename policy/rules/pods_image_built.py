"""An image that somebody has built, and not the placeholder of one."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.pod_templates import WORKLOADS, checks, containers
from policy.resources import Resource
from policy.rule import HIGH, ResourceRule

PLACEHOLDER = "0" * 64


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """No container's image has the digest that stands for one that is not built yet."""
    for container in containers(resource):
        image = container["image"]
        if (image.text() or "").endswith(PLACEHOLDER):
            yield image.finding(
                "no image has this digest, so nothing would run; build and push the image, and "
                "write its digest into the stack file"
            )


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    yield from checks(
        Validation(
            f"variables.containers.all(c, !has(c.image) || !c.image.endsWith('{PLACEHOLDER}'))",
            "the digest of an image must be that of one that was built",
        )
    )


RULE = ResourceRule(
    id="pods-image-built",
    severity=HIGH,
    summary="No image is a placeholder.",
    reason="A digest of zeros passes for a pinned image in every review, and the pod never starts.",
    fix="Build and push the image, and write its digest into the stack file.",
    kinds=WORKLOADS,
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
              image: ghcr.io/example/detector:1.0.0@sha256:"""
    + "7c" * 32
    + "\n",
)
