"""Objects are declared whole, so that they can be judged."""

from collections.abc import Iterator

from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Resource
from policy.rule import MEDIUM, ResourceRule


class Config(RuleConfig):
    """Exceptions by kind."""

    allowed: tuple[str, ...] = ()
    """Patch types that may be used, such as `NamespacePatch`."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """No patch of an object that is declared elsewhere."""
    if resource.kind.endswith("Patch") and resource.kind not in config.allowed:
        yield resource["kind"].finding(
            f"{resource.kind} changes a part of an object that no rule sees whole; declare the "
            "object itself, or import it"
        )


RULE = ResourceRule(
    id="platform-whole-objects",
    severity=MEDIUM,
    summary="No resource is a patch of somebody else's object.",
    reason="A rule judges what it sees. A patch shows a few fields and could set what the rule for "
    "the whole object would refuse.",
    fix="Declare the whole object, or bring it in with `pulumi import`.",
    config=Config,
    check=check,
    example="""\
apiVersion: v1
kind: Namespace
metadata: {name: brisa}
""",
)
