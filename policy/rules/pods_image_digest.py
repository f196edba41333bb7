"""What was reviewed is what runs: images are pinned by digest."""

import re
from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.pod_templates import WORKLOADS, checks, containers
from policy.resources import Resource
from policy.rule import HIGH, ResourceRule

DIGEST = r"@sha256:[0-9a-f]{64}$"


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Every container's image ends with a digest."""
    for container in containers(resource):
        image = container["image"]
        text = image.text()
        if image.missing:
            yield image.finding("no image is set; write one with a digest")
        elif text is not None and not re.search(DIGEST, text):
            yield image.finding(f"{image} can change under its name; append @sha256:<digest>")


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server."""
    yield from checks(
        Validation(
            f"variables.containers.all(c, has(c.image) && c.image.matches('{DIGEST}'))",
            "every image must be pinned by digest, name:tag@sha256:<digest>",
        )
    )


RULE = ResourceRule(
    id="pods-image-digest",
    severity=HIGH,
    summary="Every image is pinned by digest.",
    reason="A tag can be moved to another image: what runs tomorrow is then not what was reviewed "
    "and tried in staging.",
    fix="Append the digest: name:tag@sha256:...; the tag stays for people.",
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
