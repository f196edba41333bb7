"""The pack in the real engine: it starts, is configured, judges, and stops a bad stack."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from policy.stack import stack_configuration
from sandbox.engine.workspace import Workspace
from sandbox.folder import CHECKOUT
from tests.policy.views import GONE, Manifest, edited, load
from tests.vocabulary.promotion.signed import TRUSTED, paper, released

pytestmark = pytest.mark.engine

NOW = datetime.now(UTC)
STACK = [
    *load(Path(__file__).with_name("compliant_stack.yaml").read_text()),
    released(paper(at=NOW, expires=NOW + timedelta(hours=1))),
]
VALUES = {"brisa-platform:environment": "production"}
TRUSTING = {
    "platform-promotion-verdict": {"trustedKeys": [TRUSTED]},
    "chaos-watched": "disabled",  # the experiment is a bare fault, on which the others are tried
}
PROJECT = "urn:pulumi:prod::brisa-platform::"
PROVIDER = "pulumi:providers:kubernetes"


@dataclass(frozen=True)
class Outcome:
    code: int
    output: str


@pytest.fixture(scope="module")
def engine(tmp_path_factory, toolchain):
    return Workspace.prepare(toolchain, tmp_path_factory.mktemp("engine"), CHECKOUT)


@pytest.fixture
def analyze(engine, tmp_path):
    def run(
        manifests: list[Manifest],
        configuration: Mapping[str, Any] | None = None,
        *,
        strict: bool = False,
    ) -> Outcome:
        state, pack = tmp_path / "state.json", CHECKOUT / "policy"
        state.write_text(json.dumps(deployment(manifests)))
        given = stack_configuration("prod", VALUES) if configuration is None else configuration
        config = tmp_path / "config.json"
        config.write_text(json.dumps({**given, **({} if strict else TRUSTING)}))
        pulumi = [engine.folder / "bin" / "pulumi", "policy", "analyze", "--color=never"]
        answer = subprocess.run(
            [*pulumi, "--file", state, "--policy-pack", pack, "--policy-pack-config", config],
            cwd=engine.project.folder,
            env=engine.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        return Outcome(answer.returncode, answer.stdout + answer.stderr)

    return run


def deployment(manifests: list[Manifest]) -> dict[str, Any]:
    """A state file with these objects."""
    provider = {"urn": f"{PROJECT}{PROVIDER}::cluster", "type": PROVIDER, "id": "1"}
    resources = [{**provider, "custom": True, "inputs": {}, "outputs": {}}]
    for number, manifest in enumerate(manifests):
        api_version = manifest["apiVersion"]
        api_version = api_version if "/" in api_version else f"core/{api_version}"
        kind = f"kubernetes:{api_version}:{manifest['kind']}"
        resources.append(
            {
                "urn": f"{PROJECT}{kind}::object-{number}",
                "type": kind,
                "id": str(number),
                "custom": True,
                "provider": f"{provider['urn']}::1",
                "inputs": manifest,
                "outputs": manifest,
            }
        )
    manifest = {"time": "2026-11-23T12:00:00Z", "magic": "", "version": ""}
    return {"version": 3, "deployment": {"manifest": manifest, "resources": resources}}


def test_a_stack_that_complies_passes(analyze):
    outcome = analyze(STACK)
    assert outcome.code == 0, outcome.output
    assert "brisa-platform" in outcome.output
    assert "mandatory" not in outcome.output


def test_every_kind_of_rule_stops_a_stack_that_does_not(analyze):
    changes = {
        "1:spec.mtls.mode": "PERMISSIVE",
        "3:spec.subsets": GONE,
        "4:spec.http[0].timeout": "1s",
        "5:spec.podChaos.mode": "all",
        "5:spec.schedule": "@every 2h",
    }
    outcome = analyze(edited(STACK, changes))
    assert outcome.code != 0
    for rule in (
        "mesh-mtls-strict",
        "mesh-mtls-present",
        "mesh-subset-exists",
        "mesh-retries-bounded",
        "chaos-blast-radius",
        "chaos-window",
    ):
        assert rule in outcome.output
    assert 'spec.podChaos.mode: "all" is not allowed; use one of one, fixed' in outcome.output


def test_an_advisory_rule_warns_and_lets_pass(analyze):
    bad = edited(STACK, {"1:spec.mtls.mode": "PERMISSIVE"})
    outcome = analyze(bad, {"all": "advisory"})
    assert outcome.code == 0
    assert "mesh-mtls-strict" in outcome.output


def test_limits_come_from_the_configuration(analyze):
    outcome = analyze(STACK, {"chaos-duration": {"longest": "10s"}})
    assert outcome.code != 0
    assert "is not within 0s and 10s" in outcome.output


@pytest.mark.parametrize(
    "entry, says",
    [
        ({"maxPods": "three"}, "maxPods"),
        ({"maxPercent": 150}, "maxPercent"),
        ({"maxPodz": 3}, "maxPodz"),
    ],
    ids=["of a wrong type", "out of range", "of an unknown name"],
)
def test_a_wrong_limit_is_refused(analyze, entry, says):
    outcome = analyze(STACK, {"chaos-blast-radius": entry})
    assert outcome.code != 0
    assert says in outcome.output


def test_an_exemption_holds_until_its_date(analyze):
    bad = edited(STACK, {"1:spec.mtls.mode": "PERMISSIVE"})
    for until, passes in (("2099-12-31", True), ("2020-01-01", False)):
        exempt = {
            "resource": "PeerAuthentication/istio-system/default-mtls",
            "until": until,
            "reason": "migration",
        }
        config = {
            "mesh-mtls-strict": {"exempt": [exempt]},
            "mesh-mtls-present": "disabled",
            "chaos-environment-lock": {"environment": "production"},
        }
        outcome = analyze(bad, config)
        assert (outcome.code == 0) is passes, outcome.output


def test_production_as_it_is_committed_trusts_nobody(analyze):
    outcome = analyze(STACK, strict=True)
    assert outcome.code != 0
    assert "platform-promotion-verdict" in outcome.output
    assert "no key is trusted" in outcome.output


@pytest.mark.parametrize(
    "verdict, says",
    [
        ("", "there is no verdict of staging"),
        (paper(at=NOW - timedelta(days=2), expires=NOW), "the verdict counted until"),
    ],
    ids=["none", "an old one"],
)
def test_a_release_without_a_good_verdict_is_refused(analyze, verdict, says):
    outcome = analyze([*STACK[:-1], released(verdict)])
    assert outcome.code != 0
    assert says in outcome.output
