"""What a stack file says is not typed again: rules take their limits from it."""

import json
from types import SimpleNamespace

import pytest

from policy import pack
from policy.enforcement import enforcements
from policy.errors import PolicyConfigError
from policy.stack import FOLDER, FROM_STACK, REPLICAS, limits, merged, stack_configuration
from settings.catalogue import Service
from tests.program.stacks import ROOT, configuration

WINDOW = {"days": ["sat", "sun"], "opens": "22:00", "closes": "02:00", "timezone": "Europe/Rome"}
STACK = {
    "brisa-platform:environment": "staging",
    "brisa-platform:gitops": json.dumps({"branch": "develop", "namespace": "flux"}),
    "brisa-platform:services": json.dumps(
        [
            {"name": "api", "namespace": "shop", "port": 80, "replicas": 3, "chaos": True},
            {"name": "web", "namespace": "shop", "port": 80, "serviceAccount": "frontend"},
            {
                "name": "till",
                "namespace": "shop",
                "plainText": {"until": "2027-01-31T00:00:00Z", "reason": "old hardware"},
            },
        ]
    ),
    "brisa-platform:mesh": json.dumps({"namespace": "istio"}),
    "brisa-platform:chaos": json.dumps(
        {
            "namespace": "chaos",
            "window": WINDOW,
            "lookaheadWeeks": 4,
            "freezes": [
                {"first": "2026-12-20T00:00:00Z", "last": "2027-01-06", "reason": "holidays"}
            ],
        }
    ),
}


def of(given, rule):
    return next(each.config for each in enforcements(given) if each.rule.id == rule)


class TestLimits:
    def test_of_every_rule_fit_it(self):
        said = limits(STACK)
        assert set(said) == {rule for _, _, rules in FROM_STACK for rule, _ in rules}
        assert len(enforcements(said)) > len(said)

    def test_are_those_of_the_stack(self):
        said = limits(STACK)
        window = of(said, "chaos-window")
        assert (window.days, window.opens.hour, window.timezone) == (
            ("sat", "sun"), 22, "Europe/Rome",
        )  # fmt: skip
        assert [day.first.isoformat() for day in window.freezes] == ["2026-12-20"]
        assert window.weeks == of(said, "chaos-rest-gap").weeks == 4
        assert of(said, "flux-ref-pinned").branches == ("develop",)
        assert of(said, "mesh-default-deny").root_namespace == "istio"
        assert of(said, "flux-stays-inside").flux == "flux"
        assert of(said, "mesh-proxies-kept").catalogue == ("shop",)
        whoever = {"shop/api": "api", "shop/web": "frontend", "shop/till": "till"}
        assert of(said, "pods-behind-proxy").accounts == whoever
        assert of(said, "chaos-only-schedules").controllers == (
            "system:serviceaccount:chaos:chaos-controller-manager",
        )
        (opted,) = of(said, "mesh-mtls-strict").plain_text
        assert (opted.namespace, opted.service, opted.until.isoformat()) == (
            "shop", "till", "2027-01-31",
        )  # fmt: skip
        assert of(said, "platform-release-record").environment == "staging"
        assert of(said, "chaos-opt-in").services == ("shop/api",)
        assert of(said, "chaos-blast-radius").replicas == {"api": 3, "web": 2, "till": 2}

    def test_are_the_rules_own_where_the_stack_says_nothing(self):
        assert limits({}) == {}

    @pytest.mark.parametrize("text", ["{", "[]", '"text"', '{"freezes": [1], "window": 5}'])
    def test_do_not_come_from_what_cannot_be_read(self, text):
        assert limits({"brisa-platform:chaos": text}) == {}
        assert limits({"brisa-platform:services": f"[{text}"}) == {}

    @pytest.mark.parametrize("text", ["{", "5", '"text"', '["web"]', '[{"chaos": true}]'])
    def test_do_not_come_from_a_catalogue_that_cannot_be_read(self, text):
        assert limits({"brisa-platform:services": text}) == {}

    def test_replicas_that_are_not_said_are_those_of_the_settings(self):
        assert Service(name="api", namespace="shop", port=80).replicas == REPLICAS


class TestThePolicyFile:
    def test_goes_over_what_the_stack_says(self):
        given = merged({"flux-ref-pinned": {"branches": ["main"]}}, STACK)
        assert of(given, "flux-ref-pinned").branches == ("main",)

    def test_keeps_a_level_beside_a_derived_limit(self):
        found = merged({"flux-ref-pinned": "advisory"}, STACK)["flux-ref-pinned"]
        assert found == {"branches": ["develop"], "enforcementLevel": "advisory"}

    def test_need_not_be_there(self):
        assert stack_configuration("moon", STACK) == limits(STACK)

    @pytest.mark.parametrize("text, says", [("{", "is no JSON"), ("[]", "must be a JSON object")])
    def test_that_is_none_is_told(self, tmp_path, monkeypatch, text, says):
        monkeypatch.setattr("policy.stack.FOLDER", tmp_path)
        (tmp_path / "moon.json").write_text(text)
        with pytest.raises(PolicyConfigError, match=says):
            stack_configuration("moon", {})

    @pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
    def test_repeats_nothing_that_the_stack_says(self, path):
        """But what production is held to: no stack file talks itself out of the gate."""
        derived = limits(configuration(path.stem))
        given = json.loads(path.read_text())
        repeated = {
            (rule, key)
            for rule, entry in given.items()
            if isinstance(entry, dict)
            for key in set(entry) & set(derived.get(rule, {}))
        }
        guard = {("platform-promotion-verdict", "environment")} if path.stem == "prod" else set()
        assert repeated == guard

    def test_belongs_to_a_stack(self):
        for path in FOLDER.glob("*.json"):
            assert (ROOT / f"Pulumi.{path.stem}.yaml").is_file()


def test_the_pack_takes_them_from_what_the_engine_tells_it(monkeypatch):
    running = SimpleNamespace(CONFIG=SimpleNamespace(get=lambda: STACK))
    monkeypatch.setattr(pack, "engine", running)
    rule = next(each for each in pack.all_rules() if each.id == "flux-ref-pinned")
    assert pack._configured(rule, {}, print).branches == ("develop",)
    assert pack._configured(rule, {"branches": ["main"]}, print).branches == ("main",)
