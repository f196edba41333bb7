"""Whoever meets an experiment can find out whose it is, why it runs, and what to do."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.experiments import CHAOS
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import LOW, ResourceRule
from vocabulary.labels import HYPOTHESIS, OWNER, RUNBOOK


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Owner, hypothesis and runbook are there, as labels or annotations."""
    metadata = resource["metadata"]
    for key, what in ((OWNER, "owner"), (HYPOTHESIS, "hypothesis"), (RUNBOOK, "runbook URL")):
        places = metadata["annotations"][key], metadata["labels"][key]
        if all(place.missing or place.text() == "" for place in places):
            yield places[0].finding(f"no {what} is given; annotate it {key}")


RULE = ResourceRule(
    id="chaos-documented",
    severity=LOW,
    summary="An experiment names its owner, its hypothesis and its runbook.",
    reason="At three in the morning somebody sees pods fail: they must find at once that it is "
    "meant, what should hold meanwhile, whom to ask and how to stop it.",
    fix="Annotate it platform.brisa/owner, platform.brisa/hypothesis and platform.brisa/runbook.",
    kinds=CHAOS,
    check=check,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata:
  name: api-pod-failure
  namespace: brisa
  labels: {platform.brisa/owner: platform}
  annotations:
    platform.brisa/hypothesis: Requests to api keep succeeding while one pod is down.
    platform.brisa/runbook: https://example.com/runbook
spec:
  schedule: 0 2 * * 1-5
  type: PodChaos
  podChaos: {action: pod-failure, mode: one, duration: 30s, selector: {namespaces: [brisa]}}
""",
)
