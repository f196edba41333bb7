"""What a rule is: what it says, why, how to comply, and the check itself.

A `ResourceRule` judges one resource by its inputs, before it is created. A `StackRule` judges all
resources of the stack together. Both are pure: no clock, no cluster, no Pulumi configuration.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pulumi_policy import EnforcementLevel, Severity

from policy.cel import Check
from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Resource, Stack
from vocabulary.kinds import Kind

Config = TypeVar("Config", bound=RuleConfig)

MANDATORY = EnforcementLevel.MANDATORY
LOW, MEDIUM, HIGH, CRITICAL = Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL


@dataclass(frozen=True, kw_only=True)
class Rule(Generic[Config]):
    """What both forms of rule have in common."""

    id: str
    """`family-name`; the same in output, configuration, file name and documentation."""

    severity: Severity
    """How bad it is to break it."""

    summary: str
    """What must be so, in one sentence."""

    reason: str
    """Why: what goes wrong otherwise."""

    fix: str
    """What to do about a finding."""

    example: str
    """YAML of Kubernetes objects that comply; shown on the rule's page and checked by its test."""

    subject: Kind | None = None
    """Kind that findings point at and exemptions name; that of the example's last object when not
    given."""

    kinds: tuple[Kind, ...] = ()
    """Kinds it looks at; none means every Kubernetes object."""

    config: type[Config] = RuleConfig  # type: ignore[assignment]
    """The model of its configuration."""

    level: EnforcementLevel = MANDATORY
    """Enforcement where the stack's configuration says nothing."""

    exemption: str = ""
    """What stands in for an exemption, where there can be none."""

    admission: Callable[[Config], Iterable[Check]] | None = None
    """The same rule for the API server, as far as its expression language can say it."""

    @property
    def family(self) -> str:
        """What the rule is about: mesh, chaos, flux, pods or platform."""
        return self.id.partition("-")[0]


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule[Config]):
    """A rule about one resource."""

    check: Callable[[Resource, Config], Iterable[Finding]]
    """Finds the places that do not comply."""

    def findings(self, resource: Resource, config: Config) -> list[Finding]:
        """Judge a resource.

        Values that were needed and not known are in the resource's notes afterwards.
        """
        looked_at = resource.is_a(*self.kinds) if self.kinds else bool(resource.api_version)
        if not looked_at or config.exempts(resource):
            return []
        found = list(self.check(resource, config))
        return [*found, *resource.notes.malformed.values()]


@dataclass(frozen=True, kw_only=True)
class StackRule(Rule[Config]):
    """A rule about how the resources of a stack fit together."""

    check: Callable[[Stack, Config], Iterable[Finding]]
    """Finds the places that do not comply."""

    def findings(self, stack: Stack, config: Config) -> list[Finding]:
        """Judge a stack; findings about exempt resources are left out."""
        exempt = {r.urn for r in stack.resources if config.exempts(r)}
        found = [finding for finding in self.check(stack, config) if finding.urn not in exempt]
        malformed = [f for r in stack.resources for f in r.notes.malformed.values()]
        return [*found, *malformed]


AnyRule = ResourceRule[Any] | StackRule[Any]
