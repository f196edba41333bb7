"""The rules as policies, called the way the SDK calls them."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from pulumi_policy import ResourceValidationPolicy, StackValidationPolicy
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from policy.links import PAGES
from policy.pack import policies, policy
from policy.rule import ResourceRule
from policy.rules import all_rules, mesh_default_deny, mesh_weights_sum_100
from tests.policy.views import edited, load, proxied

ROUTE = load(mesh_weights_sum_100.RULE.example)[0]
DENIED = load(mesh_default_deny.RULE.example)


@dataclass
class Args:
    """What the SDK hands to `validate`."""

    manifest: dict[str, Any]
    config: dict[str, Any] = field(default_factory=dict)
    name: str = "a"
    provider: None = None

    @property
    def resource_type(self) -> str:
        api_version = self.manifest["apiVersion"]
        prefix = "" if "/" in api_version else "core/"
        return f"kubernetes:{prefix}{api_version}:{self.manifest['kind']}"

    @property
    def urn(self) -> str:
        return f"urn:pulumi:prod::brisa-platform::{self.resource_type}::{self.name}"

    @property
    def props(self) -> Any:
        return proxied(self.manifest)

    def get_config(self) -> dict[str, Any]:
        return self.config


@dataclass
class StackArgs:
    """What the SDK hands to `validate` of a stack policy."""

    resources: list[Args]

    def get_config(self) -> dict[str, Any]:
        return {}


@pytest.fixture
def reports():
    return []


@pytest.fixture
def report(reports):
    return lambda message, urn: reports.append((message, urn))


class TestResourcePolicies:
    made = policy(mesh_weights_sum_100.RULE)

    def test_report_nothing_about_what_complies(self, reports, report):
        self.made.validate(Args(ROUTE), report)
        assert reports == []

    def test_report_findings(self, reports, report):
        (bad,) = edited([ROUTE], {"spec.http[0].route[1].weight": 20})
        self.made.validate(Args(bad), report)
        assert reports == [
            (
                "spec.http[0].route: weights 90 + 20 add up to 110; make them add up to 100",
                None,
            )
        ]

    def test_report_what_is_known_before_saying_what_is_not(self, reports, report):
        second = {"route": [{"weight": 90}, {"weight": 20}]}
        changes = {"spec.http[0].route[1].weight": UNKNOWN_STRING_VALUE, "spec.http[1]": second}
        with pytest.raises(UnknownValueError):
            self.made.validate(Args(edited([ROUTE], changes)[0]), report)
        assert ["110" in message for message, _ in reports] == [True]

    def test_report_a_wrong_configuration(self, reports, report):
        self.made.validate(Args(ROUTE, config={"limit": 7}), report)
        assert "the configuration of mesh-weights-sum-100 is wrong: limit:" in reports[0][0]


class TestStackPolicies:
    made = policy(mesh_default_deny.RULE)

    def args(self, changes):
        manifests = edited(DENIED, changes)
        return StackArgs([Args(m, name=f"r{n}") for n, m in enumerate(manifests)])

    def test_report_nothing_about_what_complies(self, reports, report):
        self.made.validate(self.args({}), report)
        assert reports == []

    def test_report_findings_with_their_resource(self, reports, report):
        self.made.validate(self.args({"1:metadata.namespace": "other"}), report)
        assert [urn.rpartition("::")[2] for _, urn in reports] == ["r0"]

    def test_say_when_they_could_not_judge(self, reports, report):
        with pytest.raises(UnknownValueError):
            self.made.validate(self.args({"1:metadata.namespace": UNKNOWN_STRING_VALUE}), report)
        assert reports == []


class TestPack:
    def test_has_every_rule_once(self):
        assert [made.name for made in policies()] == [rule.id for rule in all_rules()]

    @pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
    def test_a_policy_says_what_its_rule_says(self, rule):
        made = policy(rule)
        expected = (
            ResourceValidationPolicy if isinstance(rule, ResourceRule) else (StackValidationPolicy)
        )
        assert isinstance(made, expected)
        assert rule.summary in made.description
        assert rule.reason in made.description
        assert made.remediation_steps == rule.fix
        assert made.url == f"{PAGES}/{rule.id}.md"
        assert made.tags == [rule.family]
        assert made.severity is rule.severity
        assert "enforcementLevel" not in made.config_schema.properties
