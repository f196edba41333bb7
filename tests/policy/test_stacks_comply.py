"""The stacks of this repository break none of the rules that hold for them."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from policy.enforcement import Enforcement, enforcements
from policy.findings import Finding
from policy.resources import Resource, Stack
from policy.rule import ResourceRule
from policy.stack import stack_configuration
from tests.components.further_flux import EVERYTHING
from tests.policy.views import proxied
from tests.program.stacks import built, configuration, run
from tests.recording import PROJECT, Graph
from tests.vocabulary.promotion.signed import TRUSTED, paper, released_by
from vocabulary.promotion.checkout import FOLDER_VARIABLE, VERDICT


def findings(enforcement: Enforcement, graph: Graph) -> list[Finding]:
    """What a rule says about everything that a stack registers."""
    moment = datetime.now(UTC)
    resources = tuple(
        Resource(item.type, item.name, item.urn, proxied(item.inputs), moment) for item in graph
    )
    if isinstance(enforcement.rule, ResourceRule):
        return [f for r in resources for f in enforcement.rule.findings(r, enforcement.config)]
    return enforcement.rule.findings(Stack(resources, moment), enforcement.config)


@pytest.fixture
def tried(monkeypatch, tmp_path):
    """Staging's verdict about what production is about to run lies beside the program."""
    monkeypatch.setattr("vocabulary.promotion.checkout.release", released_by)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    now = datetime.now(UTC)
    given = paper(at=now, expires=now + timedelta(hours=1))
    (tmp_path / VERDICT).write_text(given)


def broken(stack: str, changes=None, configured=None) -> list[str]:
    graph = run(stack, configured)
    rules = stack_configuration(stack, configuration(stack) | dict(configured or {}))
    return [
        f"{enforcement.rule.id}: {finding.urn}: {finding}"
        for enforcement in enforcements({**rules, **(changes or {})})
        if enforcement.level.value == "mandatory"
        for finding in findings(enforcement, graph)
    ]


@pytest.mark.parametrize("stack", ["sandbox", "staging"])
def test_a_stack_breaks_no_rule(stack):
    assert broken(stack, configured=built(stack)) == []


def test_staging_is_not_brought_up_before_its_image_is_built():
    (said,) = broken("staging")
    assert said.startswith("pods-image-built:")


def test_production_breaks_no_rule_with_a_verdict_of_staging(tried):
    trusting = {"platform-promotion-verdict": {"trustedKeys": [TRUSTED]}}
    assert broken("prod", trusting, built("prod")) == []


def test_production_breaks_one_rule_without(monkeypatch, tmp_path):
    monkeypatch.setattr("vocabulary.promotion.checkout.release", released_by)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (said,) = broken("prod", configured=built("prod"))
    assert said.startswith("platform-promotion-verdict:")
    assert "there is no verdict of staging" in said


DETECTORS = {
    "that stays": {"mode": "deployment", "state": {}},
    "in shards": {"shards": 4, "state": {"accessMode": "ReadWriteMany"}},
    "once an hour": {"intervalMinutes": 60},
    "that tells everybody": {
        "results": {
            "remoteWrite": {
                "url": "https://mimir.example/api/v1/push",
                "namespace": None,
                "access": {"username": "brisa", "tenant": "shop"},
            },
            "alertmanager": {"url": "http://alertmanager.monitoring:9093"},
            "slack": {},
            "pagerduty": {},
        }
    },
}
SECRETS = {
    "anomalyRemoteWriteSecret": "hunter2",
    "anomalyAlertmanagerSecret": "hunter2",
    "anomalySlackWebhook": "https://hooks.slack.com/services/T0/B0/hunter2",
    "anomalyPagerdutyKey": "0123456789abcdef0123456789abcdef",
}


@pytest.mark.parametrize("keys", DETECTORS.values(), ids=DETECTORS.keys())
def test_no_way_of_running_the_detector_breaks_a_rule(keys):
    area = json.loads(configuration("staging")[f"{PROJECT}:anomaly"]) | keys
    secrets = SECRETS if "slack" in keys.get("results", {}) else {}
    changed = {"anomaly": json.dumps(area), **secrets}
    digests = {"pods-image-digest": "mandatory"}
    configured = {f"{PROJECT}:{key}": value for key, value in changed.items()}
    assert broken("staging", digests, built("staging", configured)) == []


TLS = {"secretName": "web-tls", "issuer": {"name": "letsencrypt"}}
WAYS_IN = {
    "through Gateway API": {},
    "through a gateway of Istio's own": {"kind": "istioGateway", "name": "public"},
    "through a controller": {"kind": "controller", "name": "nginx"},
}


@pytest.mark.parametrize("gateway", WAYS_IN.values(), ids=WAYS_IN.keys())
def test_no_way_in_breaks_a_rule(gateway):
    services = json.loads(configuration("staging")[f"{PROJECT}:services"])
    (web,) = [each for each in services if each["name"] == "web"]
    tls = {} if gateway.get("kind") == "istioGateway" else {"tls": TLS}
    web["ingress"] = {"hosts": ["shop.example.com"], **tls}
    web["ingress"]["httpsRedirect"] = gateway.get("kind") != "controller"
    web["externalCallers"] = [{"namespace": "batch", "serviceAccount": "report"}]
    until = (datetime.now(UTC) + timedelta(days=90)).date()
    web["plainText"] = {"reason": "tills", "until": f"{until}", "sources": ["10.9.0.0/16"]}
    chaos = json.loads(configuration("staging")[f"{PROJECT}:chaos"])
    chaos["health"]["url"] = "https://shop.example.com/health"
    mesh = json.loads(configuration("staging")[f"{PROJECT}:mesh"]) | {"ingress": gateway}
    areas = {"services": services, "mesh": mesh, "chaos": chaos}
    changed = {area: json.dumps(said) for area, said in areas.items()}
    configured = {f"{PROJECT}:{key}": value for key, value in changed.items()}
    assert broken("staging", configured=built("staging", configured)) == []


def test_nothing_that_flux_looks_after_breaks_a_rule():
    area = json.loads(configuration("staging")[f"{PROJECT}:gitops"]) | {
        key: EVERYTHING[key]
        for key in ("sources", "receivers", "helmReleases", "imageAutomation", "instance")
    }
    # Staging follows its own branch, in other repositories too.
    text = json.dumps(area).replace('"branch": "main"', '"branch": "develop"')
    configured = {f"{PROJECT}:gitops": text}
    assert broken("staging", configured=built("staging", configured)) == []
