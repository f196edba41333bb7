"""The admission policies as objects; tests/cluster tries them in a real API server."""

import re
from datetime import date

import pytest

from policy.admission import Scope, manifests, plural
from policy.stack import stack_configuration
from vocabulary.kinds import Kind

TODAY = date(2026, 11, 23)
SCOPE = Scope(("brisa", "shop"), "istio-system")


def bindings(configuration, strongest="Deny"):
    return {
        manifest["metadata"]["name"]: manifest["spec"]["validationActions"]
        for manifest in manifests(configuration, SCOPE, strongest, TODAY)
        if manifest["kind"].endswith("Binding")
    }


def policy(configuration, name):
    return next(
        manifest
        for manifest in manifests(configuration, SCOPE, "Deny", TODAY)
        if manifest["metadata"]["name"] == name
    )


class TestPairs:
    def test_every_policy_is_followed_by_its_binding(self):
        found = manifests({}, SCOPE, "Deny", TODAY)
        for made, binding in zip(found[::2], found[1::2], strict=True):
            assert made["kind"] == "ValidatingAdmissionPolicy"
            assert binding["kind"] == "ValidatingAdmissionPolicyBinding"
            assert binding["spec"]["policyName"] == made["metadata"]["name"]

    def test_names_are_unique(self):
        names = list(bindings({}))
        assert len(names) == len(manifests({}, SCOPE, "Deny", TODAY)) // 2

    def test_messages_name_the_rule(self):
        made = policy({}, "brisa-mesh-weights-sum-100")
        messages = [validation["message"] for validation in made["spec"]["validations"]]
        assert all(message.startswith("mesh-weights-sum-100: ") for message in messages)

    def test_nobody_gets_in_when_a_rule_cannot_be_evaluated(self):
        found = manifests({}, SCOPE, "Deny", TODAY)[::2]
        assert {made["spec"]["failurePolicy"] for made in found} == {"Fail"}


FUNCTIONS_OF_1_32 = {
    "all", "duration", "endsWith", "exists", "exists_one", "filter", "format", "has", "int",
    "join", "lowerAscii", "map", "matches", "quantity", "replace", "size", "split", "startsWith",
    "string", "substring", "sum", "timestamp", "trim", "type", "contains", "double", "isQuantity",
    "orValue", "min", "max", "getHours", "getMilliseconds", "in", "dyn", "bool", "getSeconds",
}  # fmt: skip
"""Standard definitions and the libraries of strings, lists, quantities and optional values."""


def test_the_oldest_server_knows_every_function():
    """Kubernetes 1.32, which has no comprehensions over two variables either."""
    specs = [made["spec"] for made in manifests({}, SCOPE, "Deny", TODAY)[::2]]
    expressions = [
        each["expression"]
        for spec in specs
        for part in ("validations", "variables", "matchConditions")
        for each in spec.get(part, ())
    ]
    words = re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", "''", "\n".join(expressions))
    assert len(expressions) > 100
    assert set(re.findall(r"\b([A-Za-z_]\w*)\(", words)) <= FUNCTIONS_OF_1_32
    assert not re.search(r"\.(all|exists|exists_one)\(\w+, \w+, ", words)


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
        assert "brisa-chaos-environment-lock" in bindings(
            stack_configuration("prod", {"brisa-platform:environment": "production"})
        )

    @pytest.mark.parametrize(
        "until, conditions",
        [("2026-11-23", ["spec-changed", "not-exempt-0"]), ("2026-11-22", ["spec-changed"])],
        ids=["today is its last day", "it has ended"],
    )
    def test_an_exemption(self, until, conditions):
        exempt = {"resource": "PeerAuthentication/brisa/x", "until": until, "reason": "y"}
        made = policy({"mesh-mtls-strict": {"exempt": [exempt]}}, "brisa-mesh-mtls-strict")
        assert [c["name"] for c in made["spec"]["matchConditions"]] == conditions


class TestScope:
    def variables(self, name):
        found = policy({}, name)["spec"]["variables"]
        return {variable["name"]: variable["expression"] for variable in found}

    def test_is_the_catalogues_namespaces_and_what_carries_our_label(self):
        found = self.variables("brisa-mesh-mtls-strict")
        assert found["catalogue"] == "['brisa', 'shop']"
        assert "object.metadata.namespace in variables.catalogue" in found["concerned"]
        assert "['app.kubernetes.io/part-of'] == 'brisa-platform'" in found["concerned"]

    def test_nothing_is_judged_before_it_is_known_to_concern_us(self):
        for made in manifests({}, SCOPE, "Deny", TODAY)[::2]:
            for validation in made["spec"]["validations"]:
                assert validation["expression"].startswith("!variables.concerned || (")

    def test_a_fault_reaches_into_the_catalogue_by_whom_it_selects(self):
        found = self.variables("brisa-chaos-duration")
        assert "n in variables.catalogue" in found["concerned"]
        assert list(found).index("selections") < list(found).index("concerned")

    def test_policies_stay_small(self):
        """What is said of many kinds is said once."""
        sizes = [len(str(made)) for made in manifests({}, SCOPE, "Deny", TODAY)]
        assert max(sizes) < 7_000


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
            ("Gateway", "gateways"),
            ("Ingress", "ingresses"),
        ],
    )
    def test_plurals(self, kind, resources):
        assert plural(Kind("example.com/v1", kind)) == resources
