"""Objects go to the cluster that the stack names, not to whichever one is at hand."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import CRITICAL, ResourceRule


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """The provider is not one that the engine made up from the ambient kubeconfig."""
    name = resource.provider
    if name is not None and (name == "default" or name.startswith("default_")):
        yield Finding(
            resource.urn,
            "",
            f"provider {name} takes whatever cluster the kubeconfig points at; pass the stack's "
            "own provider through the component's options",
        )


RULE = ResourceRule(
    id="platform-explicit-provider",
    severity=CRITICAL,
    summary="Every Kubernetes object uses the stack's explicit provider.",
    reason="The default provider follows the current kubectl context: one `kubectl config "
    "use-context` in another window and production is changed by staging's `up`.",
    fix="Create it inside a component, with parent=self, so that it inherits the provider.",
    check=check,
    example="""\
apiVersion: v1
kind: Namespace
metadata: {name: brisa}
""",
)
