"""Every object says what it is and to what it belongs."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import LOW, ResourceRule
from vocabulary.kinds import HELM_RELEASE
from vocabulary.labels import MANAGED_BY, NAME, PART_OF


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """The three standard labels are there. A Helm release labels what it creates by itself."""
    if resource.is_a(HELM_RELEASE) or resource.kind.endswith(("Patch", "List")):
        return
    labels = resource["metadata"]["labels"]
    for key in (NAME, PART_OF, MANAGED_BY):
        if labels[key].missing or labels[key].text() == "":
            yield labels[key].finding("not set; label the object as the platform's others")


RULE = ResourceRule(
    id="platform-labels",
    severity=LOW,
    summary="Every object carries the standard labels.",
    reason="Labels are how people, dashboards and the cluster's own policies find what the "
    "platform put there, and tell it from what others did.",
    fix="Create objects through the shared helper, which sets app.kubernetes.io/name, part-of and "
    "managed-by.",
    check=check,
    example="""\
apiVersion: v1
kind: Namespace
metadata:
  name: brisa
  labels:
    app.kubernetes.io/name: mesh
    app.kubernetes.io/part-of: brisa-platform
    app.kubernetes.io/managed-by: pulumi
""",
)
