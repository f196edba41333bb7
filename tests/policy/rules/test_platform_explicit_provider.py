import pytest

from policy.config import RuleConfig
from policy.rules.platform_explicit_provider import RULE
from tests.policy.views import load, view

NAMESPACE = load(RULE.example)[0]


class TestExplicitProvider:
    @pytest.mark.parametrize("provider", ["cluster", "defaults-to-staging", None])
    def test_accepts_a_provider_of_the_stack(self, provider):
        assert RULE.findings(view(NAMESPACE, provider=provider), RuleConfig()) == []

    @pytest.mark.parametrize("provider", ["default", "default_4_34_2"])
    def test_refuses_one_that_the_engine_made_up(self, provider):
        findings = RULE.findings(view(NAMESPACE, provider=provider), RuleConfig())
        assert [provider in str(finding) for finding in findings] == [True]
