"""What every rule must do; each rule's test adds its own cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from policy.findings import Finding
from policy.resources import Stack
from policy.rule import AnyRule, ResourceRule
from tests.policy.views import Manifest, edited, load, stack_view, view, with_one_unknown


@dataclass(frozen=True)
class Case:
    """A variant of the rule's example."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    """Places of the example to change."""

    path: str = ""
    """Where a finding must point, for a case that does not comply."""

    says: str = ""
    """What some finding must say."""

    config: Mapping[str, Any] = field(default_factory=dict)
    """Configuration of the rule."""

    stack: str = "prod"
    """Name of the Pulumi stack."""

    objects: str = ""
    """YAML to use in place of the example."""


def case(changes: Mapping[str, Any] | None = None, path: str = "", **rest: Any) -> Case:
    """Shorthand for a table of cases."""
    return Case(changes or {}, path, **rest)


@dataclass
class Verdict:
    """What a rule says."""

    findings: list[Finding]
    unknown: bool


def judge(
    rule: AnyRule, manifests: list[Manifest], given: Case, config: Mapping[str, Any] | None = None
) -> Verdict:
    """Run a rule the way the pack does."""
    config = rule.config.model_validate({**(config or {}), **given.config})
    if isinstance(rule, ResourceRule):
        resources = [view(manifest, given.stack) for manifest in manifests]
        found = [finding for r in resources for finding in rule.findings(r, config)]
    else:
        stack: Stack = stack_view(manifests, given.stack)
        resources, found = list(stack.resources), rule.findings(stack, config)
    return Verdict(found, any(resource.notes.unknown for resource in resources))


class RuleContract:
    """Inherit, set `rule`, `good` and `bad`; the sentences say what the case shows."""

    rule: ClassVar[AnyRule]
    config: ClassVar[Mapping[str, Any]] = {}
    """Configuration under which the example complies, for a rule that no default lets it; a case's
    own goes over it."""
    good: ClassVar[dict[str, Case]] = {}
    bad: ClassVar[dict[str, Case]] = {}

    def manifests(self, given: Case) -> list[Manifest]:
        return edited(load(given.objects or self.rule.example), given.changes)

    def test_example_complies(self):
        verdict = judge(self.rule, load(self.rule.example), Case(), self.config)
        assert verdict.findings == []
        assert not verdict.unknown

    def test_accepts(self, good_case):
        verdict = judge(self.rule, self.manifests(good_case), good_case, self.config)
        assert [str(finding) for finding in verdict.findings] == []

    def test_refuses(self, bad_case):
        verdict = judge(self.rule, self.manifests(bad_case), bad_case, self.config)
        texts = [str(finding) for finding in verdict.findings]
        assert any(finding.path == bad_case.path for finding in verdict.findings), texts
        assert any(bad_case.says in text for text in texts), texts
        assert all(finding.urn for finding in verdict.findings)

    def test_unknown_values_are_no_violations(self):
        for place, manifests in with_one_unknown(load(self.rule.example)):
            verdict = judge(self.rule, manifests, Case(), self.config)
            assert [str(f) for f in verdict.findings] == [], f"unknown at {place}"

    def test_unknown_values_are_no_silent_pass(self, bad_case):
        for place, manifests in with_one_unknown(self.manifests(bad_case)):
            verdict = judge(self.rule, manifests, bad_case, self.config)
            assert verdict.findings or verdict.unknown, f"unknown at {place}"
