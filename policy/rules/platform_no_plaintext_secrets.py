"""Secrets stand in Secrets and nowhere else."""

from collections.abc import Iterator
from functools import reduce

from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.disclosure import found
from vocabulary.kinds import SECRET


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Look at every value by its shape and by the name under which it stands.

    What is a secret says `vocabulary.secrets`, also to whoever hides them. The value itself is
    never part of a finding.
    """
    if resource.is_a(SECRET):
        return
    for key in resource.props:
        for steps, what in found(resource[key].known(), under=key):
            place = reduce(Field.__getitem__, steps, resource[key])
            yield place.finding(f"it holds a secret, {what}; move it to a Secret and refer to that")


RULE = ResourceRule(
    id="platform-no-plaintext-secrets",
    severity=CRITICAL,
    summary="No secret stands in anything but a Secret.",
    reason="ConfigMaps, environment variables and custom resources are readable by far more people "
    "than Secrets, and end up in state files, previews and backups.",
    fix="Put the value into a Secret (from a Pulumi secret) and refer to it by secretRef or "
    "valueFrom. Then revoke the old one.",
    check=check,
    example="""\
apiVersion: v1
kind: ConfigMap
metadata: {name: anomaly-detector, namespace: anomaly-detection}
data:
  config.yaml: |
    prometheus_url: http://prometheus.monitoring.svc:9090
    slack_token_file: /var/run/secrets/slack/token
""",
)
