"""The admission policies as objects; tests/cluster tries them in a real API server."""

from datetime import date

import pytest

from policy.admission import manifests, plural
from policy.config import stack_configuration
from vocabulary.kinds import Kind

TODAY = date(2026, 11, 23)


def bindings(configuration, strongest="Deny"):
    return {
        manifest["metadata"]["name"]: manifest["spec"]["validationActions"]
        for manifest in manifests(configuration, strongest, TODAY)
        if manifest["kind"].endswith("Binding")
    }


def policy(configuration, name):
    return next(
        manifest
        for manifest in manifests(configuration, "Deny", TODAY)
        if manifest["metadata"]["name"] == name
    )


class TestPairs:
    def test_every_policy_is_followed_by_its_binding(self):
        found = manifests({}, "Deny", TODAY)
        for made, binding in zip(found[::2], found[1::2], strict=True):
            assert made["kind"] == "ValidatingAdmissionPolicy"
            assert binding["kind"] == "ValidatingAdmissionPolicyBinding"
            assert binding["spec"]["policyName"] == made["metadata"]["name"]

    def test_names_are_unique(self):
        names = list(bindings({}))
        assert len(names) == len(manifests({}, "Deny", TODAY)) // 2

    def test_messages_name_the_rule(self):
        made = policy({}, "brisa-mesh-weights-sum-100")
        messages = [validation["message"] for validation in made["spec"]["validations"]]
        assert all(message.startswith("mesh-weights-sum-100: ") for message in messages)

    def test_nobody_gets_in_when_a_rule_cannot_be_evaluated(self):
        found = manifests({}, "Deny", TODAY)[::2]
        assert {made["spec"]["failurePolicy"] for made in found} == {"Fail"}


class TestActions:
    @pytest.mark.parametrize(
        "level, strongest, actions",
        [
            ("mandatory", "Deny", ["Deny", "Audit"]),
            ("mandatory", "Warn", ["Warn", "Audit"]),
            ("mandatory", "Audit", ["Audit"]),
            ("advisory", "Deny", ["Warn", "Audit"]),
            ("advisory", "Audit", ["Audit"]),
        ],
    )
    def test_follow_the_level_of_the_rule(self, level, strongest, actions):
        found = bindings({"mesh-mtls-strict": level}, strongest)
        assert found["brisa-mesh-mtls-strict"] == actions

    def test_a_disabled_rule_has_no_policy(self):
        assert "brisa-mesh-mtls-strict" not in bindings({"mesh-mtls-strict": "disabled"})


class TestConfiguration:
    def test_limits_are_those_of_the_preview(self):
        made = policy({"chaos-blast-radius": {"maxPods": 7}}, "brisa-chaos-blast-radius")
        assert "<= 7" in str(made["spec"]["validations"])

    def test_the_environment_is_locked_where_it_is_known(self):
        assert "brisa-chaos-environment-lock" not in bindings({})
        assert "brisa-chaos-environment-lock" in bindings(stack_configuration("production"))

    @pytest.mark.parametrize(
        "until, conditions",
        [("2026-11-23", ["spec-changed", "not-exempt-0"]), ("2026-11-22", ["spec-changed"])],
        ids=["today is its last day", "it has ended"],
    )
    def test_an_exemption(self, until, conditions):
        exempt = {"resource": "PeerAuthentication/brisa/x", "until": until, "reason": "y"}
        made = policy({"mesh-mtls-strict": {"exempt": [exempt]}}, "brisa-mesh-mtls-strict")
        assert [c["name"] for c in made["spec"]["matchConditions"]] == conditions


class TestMatching:
    def test_platform_workloads_only(self):
        constraints = policy({}, "brisa-pods-restricted-cronjobs")["spec"]["matchConstraints"]
        labels = constraints["objectSelector"]["matchLabels"]
        assert labels == {"app.kubernetes.io/part-of": "brisa-platform"}

    def test_what_only_runs_once_is_judged_once(self):
        rules = policy({}, "brisa-chaos-only-schedules")["spec"]["matchConstraints"]
        assert rules["resourceRules"][0]["operations"] == ["CREATE"]

    @pytest.mark.parametrize(
        "kind, resources",
        [
            ("PodChaos", "podchaos"),
            ("Schedule", "schedules"),
            ("GitRepository", "gitrepositories"),
            ("AuthorizationPolicy", "authorizationpolicies"),
            ("CronJob", "cronjobs"),
        ],
    )
    def test_plurals(self, kind, resources):
        assert plural(Kind("example.com/v1", kind)) == resources
