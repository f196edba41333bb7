"""Secrets stand in Secrets and nowhere else."""

import re
from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.pod_templates import WORKLOADS, containers
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import CONFIG_MAP, SECRET

SHAPES = {
    "a Slack webhook URL": r"hooks\.slack\.com/(services|workflows)/\w",
    "a Slack token": r"\bxox[abeoprs]-[\w-]{10,}",
    "a GitHub token": r"\b(gh[opsur]_\w{30,}|github_pat_\w{30,})",
    "a GitLab token": r"\bglpat-[\w-]{15,}",
    "an AWS access key": r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
    "a Google API key": r"\bAIza[\w-]{35}",
    "a Pulumi token": r"\bpul-[0-9a-f]{40}\b",
    "a PagerDuty webhook URL": r"events\.pagerduty\.com/integration/\w",
    "a Teams webhook URL": r"webhook\.office\.com/\w",
    "a JSON web token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY",
    "a bearer token": r"(?i)\bbearer\s+[\w.~+/-]{16,}",
    "a password in a URL": r"\w://[^\s/:@]*:[^\s/@${}]+@",
}
PATTERNS = {what: re.compile(pattern) for what, pattern in SHAPES.items()}
SECRET_NAME = re.compile(
    r"(^|[_.-]|[a-z](?=[A-Z]))(password|passwd|pwd|token|secret|api[_-]?key|credentials?)$",
    re.IGNORECASE,
)
SECRET_LINE = re.compile(
    r"(?im)^\s*[\"']?[\w.-]*(?:password|passwd|token|secret|api[_-]?key)[\"']?\s*[:=]\s*"
    r"[\"']?(?![\s$/<{\[\"']|null\b|none\b|true\b|false\b)[^\s\"'#,]{8,}"
)


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
