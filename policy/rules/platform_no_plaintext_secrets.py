"""Secrets stand in Secrets and nowhere else."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.pod_templates import WORKLOADS, containers
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import CONFIG_MAP, SECRET
from vocabulary.secrets import PATTERNS, SECRET_LINE, SECRET_NAME


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Look at every string by its shape, and at those whose name says what they are.

    The value itself is never part of a finding.
    """
    if resource.is_a(SECRET):
        return
    for key in resource.props:
        for leaf in resource[key].leaves():
            if not leaf.unknown:
                yield from _shape(leaf)
    if resource.is_a(CONFIG_MAP):
        yield from _named(resource["data"])
    if resource.is_a(*WORKLOADS):
        for container in containers(resource):
            for variable in container["env"].items():
                name, value = variable["name"].text() or "", variable["value"].text()
                if value and SECRET_NAME.search(name):
                    yield variable["value"].finding(f"{name} is written out; use valueFrom")


def _shape(leaf: Field) -> Iterator[Finding]:
    if leaf.is_text:
        text = leaf.text() or ""
        for what, pattern in PATTERNS.items():
            if pattern.search(text):
                yield leaf.finding(f"it holds {what}; move it to a Secret and refer to that")


def _named(data: Field) -> Iterator[Finding]:
    for key, value in data.entries():
        text = value.text()
        if text and SECRET_NAME.search(key):
            yield value.finding("the key says it is a secret; move it to a Secret")
        elif text and SECRET_LINE.search(text):
            yield value.finding("a line in it sets a secret; move it to a Secret and mount that")


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
