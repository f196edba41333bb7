"""The stacks of this repository break none of the rules that hold for them."""

import json
from datetime import UTC, datetime

import pytest

from policy.config import FILES, stack_configuration
from policy.enforcement import Enforcement, enforcements
from policy.findings import Finding
from policy.resources import Resource, Stack
from policy.rule import ResourceRule
from tests.policy.views import proxied
from tests.program.stacks import configuration, run
from tests.recording import PROJECT, Graph


def findings(enforcement: Enforcement, graph: Graph) -> list[Finding]:
    """What a rule says about everything that a stack registers."""
    moment = datetime.now(UTC)
    resources = tuple(
        Resource(item.type, item.name, item.urn, proxied(item.inputs), moment) for item in graph
    )
    if isinstance(enforcement.rule, ResourceRule):
        return [f for r in resources for f in enforcement.rule.findings(r, enforcement.config)]
    return enforcement.rule.findings(Stack(resources, moment), enforcement.config)


def broken(environment: str, graph: Graph) -> list[str]:
    """What the mandatory rules of an environment say."""
    return [
        f"{enforcement.rule.id}: {finding.urn}: {finding}"
        for enforcement in enforcements(stack_configuration(environment))
        if enforcement.level.value == "mandatory"
        for finding in findings(enforcement, graph)
    ]


@pytest.mark.parametrize("environment", FILES)
def test_a_stack_breaks_no_rule(environment):
    assert broken(environment, run(FILES[environment])) == []


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
    area = json.loads(configuration("prod")[f"{PROJECT}:anomaly"]) | keys
    secrets = SECRETS if "slack" in keys.get("results", {}) else {}
    changes = {"anomaly": json.dumps(area), **secrets}
    graph = run("prod", {f"{PROJECT}:{key}": value for key, value in changes.items()})
    assert broken("production", graph) == []
