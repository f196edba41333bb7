"""Experiments that people write: which ones the platform takes, which it refuses, and why.

Through the settings, as a stack file brings them, and through the rules, as Flux or kubectl would
bring the same Schedule with something changed.
"""

import copy
from functools import cache

import pytest

from components.chaos_schedule import ChaosContext, ChaosSchedule
from policy.enforcement import enforcements
from policy.rule import ResourceRule
from policy.stack import stack_configuration
from tests.policy.rules.workflows import pod_failure
from tests.policy.views import GONE, edited, view
from tests.recording import deploy
from tests.settings.conftest import COMPLETE, Configuration
from vocabulary.kinds import SCHEDULE

PRODUCTION = {"brisa-platform:environment": "production"}
JAVA = {"javaClass": "shop.Cart", "method": "add"}
STEPS = [
    {"kind": "podFailure", "name": "first", "target": "api", "duration": "1m"},
    {"kind": "networkDelay", "name": "second", "target": "api", "duration": "1m"},
]
GAME_DAY = {"name": "game-day", "cron": "0 4 * * wed", "hypothesis": "x", "steps": STEPS}


def configured():
    made = Configuration()
    made.tree = copy.deepcopy(COMPLETE)
    for service in made.tree["services"]:
        service["replicas"] = 4
    ledger = {"name": "ledger", "namespace": "brisa", "port": 80, "callers": ["api"]}
    made.tree["services"].append({**ledger, "replicas": 4})
    receiver = "http://prometheus.monitoring:9090/api/v1/write"
    made.tree["anomaly"]["results"] = {"remoteWrite": {"url": receiver}}
    return made


def one(kind, **keys):
    """A stack with one scheduled fault."""
    fault = {"kind": kind, "name": "tried", "target": "api", **keys}
    return configured().set(("chaos", "schedules", 0, "fault"), fault)


def day(**keys):
    """A stack with one game day beside its scheduled fault."""
    made = configured()
    made.tree["chaos"]["workflows"] = [GAME_DAY | keys]
    return made


def scheduled(**keys):
    """A stack whose scheduled fault is told otherwise."""
    made = configured()
    made.tree["chaos"]["schedules"][0] |= keys
    return made


RIGHT = {
    "a pod that fails": one("podFailure", duration="30s"),
    "two of four pods": one("podFailure", pods=2),
    "a pod that is killed": one("podKill"),
    "a container that is killed": one("containerKill"),
    "packets that are late": one("networkDelay", latency="2s", jitter="1s"),
    "packets that get lost": one("networkLoss", percent=50),
    "packets to one service": one("networkLoss", percent=5, peer="ledger"),
    "packets that come twice": one("networkDuplicate", percent=50),
    "packets that are damaged": one("networkCorrupt", percent=10),
    "a partition": one("networkPartition", peer="ledger", duration="2m"),
    "a narrow line": one("networkBandwidth", kilobytesPerSecond=64),
    "busy processors": one("cpuStress", workers=2, loadPercent=100),
    "little memory": one("memoryStress", size="2GB"),
    "a slow volume": one("ioLatency", volumePath="/data", delay="2s", percent=50),
    "a full volume": one("ioError", volumePath="/data", error="ENOSPC"),
    "files that nobody may read": one("ioAttribute", volumePath="/data", permissions="000"),
    "names that are not found": one("dnsError", names=["ledger.example"]),
    "a clock that is behind": one("clockSkew", offset="10m"),
    "a game day, one after the other": day(rest="1m"),
    "a game day, all at once": day(order="parallel"),
    "a run that Prometheus stops": scheduled(abortWhen="errors:ratio > 0.05"),
    "a run that the detector stops": scheduled(
        collateral="abort", expectedAlert="SloErrorBudgetBurnsFast"
    ).set(
        ("anomaly", "results"),
        {"remoteWrite": {"url": "http://prometheus.monitoring:9090/api/v1/write"}},
    ),
}

CONFIGURED_WRONG = {
    "no hypothesis": (scheduled(hypothesis=" "), "schedules[0].hypothesis"),
    "a fault that there is not": (one("podExplode"), "schedules[0].fault.kind"),
    "a service that there is not": (one("podKill", target="apy"), "schedules[0].fault.target"),
    "a service that did not opt in": (one("podKill", target="web"), "schedules[0].fault.target"),
    "every pod": (one("podKill", pods=4), "schedules[0].fault.pods"),
    "two hours": (one("podFailure", duration="2h"), "schedules[0].fault.duration"),
    "ten seconds late": (one("networkDelay", latency="10s"), "schedules[0].fault.latency"),
    "most packets lost": (one("networkLoss", percent=80), "schedules[0].fault.percent"),
    "cut off from everybody": (one("networkPartition"), "schedules[0].fault.peer"),
    "cut off from whom it never calls": (
        one("networkPartition", peer="jobs"),
        "schedules[0].fault.peer",
    ),
    "a dead line": (
        one("networkBandwidth", kilobytesPerSecond=1),
        "schedules[0].fault.kilobytesPerSecond",
    ),
    "nine processors": (one("cpuStress", workers=9), "schedules[0].fault.workers"),
    "all memory": (one("memoryStress", size="64GB"), "schedules[0].fault.size"),
    "the root file system": (one("ioError", volumePath="/"), "schedules[0].fault.volumePath"),
    "every name": (one("dnsError", names=["*"]), "schedules[0].fault.names[0]"),
    "another day": (one("clockSkew", offset="24h"), "schedules[0].fault.offset"),
    "code for a Java method": (
        one("jvmLatency", **JAVA | {"method": "a(); b"}),
        "schedules[0].fault.method",
    ),
    "every two hours": (scheduled(cron="@every 2h"), "schedules[0].cron"),
    "at noon": (scheduled(cron="0 12 * * mon"), "schedules[0].cron"),
    "on Saturday": (scheduled(cron="0 3 * * sat"), "schedules[0].cron"),
    "at a time that there is not": (scheduled(cron="0 3 30 2 *"), "schedules[0].cron"),
    "PromQL with an open bracket": (scheduled(abortWhen="sum(up"), "schedules[0].abortWhen"),
    "a game day longer than the window": (
        day(rest="30m", cron="30 5 * * wed"),
        "workflows[0].cron",
    ),
    "a game day beside another experiment": (day(cron="1 3 * * mon"), "workflows[0].cron"),
    "steps that all hit one service": (
        day(order="parallel", steps=[{**step, "pods": 2} for step in STEPS]),
        "workflows[0].order",
    ),
}

FAULT = "spec.workflow.templates[4].podChaos"
WATCH = "spec.workflow.templates[5]"
NETWORK = {"mode": "one", "selector": pod_failure()["selector"]}

APPLIED_WRONG = {
    "bare, so at once": ({"kind": "PodChaos", "spec": pod_failure()}, "chaos-only-schedules"),
    "a fault that nobody watches": (
        {"spec.type": "PodChaos", "spec.workflow": GONE, "spec.podChaos": pod_failure()},
        "chaos-watched",
    ),
    "a watch that lets it go on": ({f"{WATCH}.abortWithStatusCheck": False}, "chaos-watched"),
    "a watch that looks once a minute": (
        {f"{WATCH}.statusCheck.intervalSeconds": 60},
        "chaos-watched",
    ),
    "without an end": ({"spec.workflow.templates[4].deadline": GONE}, "chaos-duration"),
    "for two hours": ({"spec.workflow.templates[4].deadline": "2h"}, "chaos-duration"),
    "every pod": ({f"{FAULT}.mode": "all"}, "chaos-blast-radius"),
    "nine of ten": (
        {f"{FAULT}.mode": "fixed-percent", f"{FAULT}.value": "90"},
        "chaos-blast-radius",
    ),
    "everybody in the namespace": ({f"{FAULT}.selector.labelSelectors": GONE}, "chaos-selector"),
    "by node": ({f"{FAULT}.selector.nodes": ["one"]}, "chaos-selector"),
    "kube-system": ({f"{FAULT}.selector.namespaces": ["kube-system"]}, "chaos-namespaces"),
    "the mesh": ({f"{FAULT}.selector.namespaces": ["istio-system"]}, "chaos-namespaces"),
    "another cluster": ({f"{FAULT}.remoteCluster": "other"}, "chaos-no-remote-cluster"),
    "another environment": (
        {'metadata.labels["platform.brisa/environment"]': "staging"},
        "chaos-environment-lock",
    ),
    "every minute": ({"spec.schedule": "* * * * *"}, "chaos-window"),
    "at noon": ({"spec.schedule": "0 12 * * 1-5"}, "chaos-window"),
    "too often": ({"spec.schedule": "*/10 2-4 * * 1-5"}, "chaos-rest-gap"),
    "without a record": ({"spec.historyLimit": GONE}, "chaos-schedule-limits"),
    "whenever it was missed": ({"spec.startingDeadlineSeconds": GONE}, "chaos-schedule-limits"),
    "by nobody": ({'metadata.labels["platform.brisa/owner"]': GONE}, "chaos-documented"),
    "a container that anybody may name": (
        {
            "spec.workflow.templates[4].templateType": "Task",
            "spec.workflow.templates[4].podChaos": GONE,
            "spec.workflow.templates[4].task": {"container": {"image": "x"}},
        },
        "chaos-workflow-steps",
    ),
    "round in a circle": (
        {"spec.workflow.templates[3].children": ["faults"]},
        "chaos-workflow-graph",
    ),
    "most packets lost": (
        {
            FAULT: GONE,
            "spec.workflow.templates[4].templateType": "NetworkChaos",
            "spec.workflow.templates[4].networkChaos": {
                **NETWORK,
                "action": "loss",
                "loss": {"loss": "90"},
            },
        },
        "chaos-bounds",
    ),
    "the kernel": (
        {
            FAULT: GONE,
            "spec.workflow.templates[4].templateType": "KernelChaos",
            "spec.workflow.templates[4].kernelChaos": NETWORK,
        },
        "chaos-banned-kinds",
    ),
}


def schedules(configuration):
    """The Schedules of a stack, as it registers them in production."""
    settings = configuration.read()
    context = ChaosContext(
        settings.chaos,
        {service.name: service for service in settings.services},
        "production",
        settings.anomaly,
    )

    def program():
        for each in settings.chaos.recurring:
            ChaosSchedule(each.name, each, context)

    return [copy.deepcopy(dict(each.inputs)) for each in deploy(program).all(SCHEDULE)]


@cache
def applied():
    """A Schedule that keeps every rule."""
    (found,) = schedules(one("podFailure", duration="30s"))
    return found


def broken(manifest):
    """The rules of production that an object breaks."""
    return {
        each.rule.id
        for each in enforcements(stack_configuration("prod", PRODUCTION))
        if each.rule.family == "chaos"
        and isinstance(each.rule, ResourceRule)
        and each.rule.findings(view(manifest), each.config)
    }


@pytest.mark.parametrize("configuration", RIGHT.values(), ids=RIGHT)
def test_is_taken(configuration):
    found = schedules(configuration)
    assert found
    assert [broken(each) for each in found] == [set()] * len(found)


@pytest.mark.parametrize("configuration, place", CONFIGURED_WRONG.values(), ids=CONFIGURED_WRONG)
def test_is_refused_at_the_preview_with_its_place_and_what_is_allowed(configuration, place):
    problem = configuration.problems()[f"chaos.{place}"]
    assert problem.what
    assert problem.allowed


@pytest.mark.parametrize("changes, rule", APPLIED_WRONG.values(), ids=APPLIED_WRONG)
def test_is_refused_by_the_rule_that_is_about_it(changes, rule):
    (manifest,) = edited([applied()], changes)
    assert rule in broken(manifest)


def test_enough_is_tried():
    assert len(RIGHT) >= 20
    assert len(CONFIGURED_WRONG) + len(APPLIED_WRONG) >= 40
