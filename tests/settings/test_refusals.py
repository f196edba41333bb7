"""Every mistake that an author can make is refused at its key, with what would be right."""

import pytest

VALUES = {
    "an environment that does not exist": (("environment",), "prod", "environment", "production"),
    "a number where text belongs": (("cluster", "context"), 3, "cluster.context", "text"),
    "an empty context": (("cluster", "context"), "", "cluster.context", "text"),
    "a kubeconfig that is not there": (
        ("cluster", "kubeconfig"),
        "./no-such-kubeconfig",
        "cluster.kubeconfig",
        "kubeconfig",
    ),
    "a catalogue that is no list": (("services",), {"name": "x"}, "services", "list"),
    "an empty catalogue": (("services",), [], "services", "list"),
    "a service that is no object": (("services", 0), "web", "services[0]", "object"),
    "a port as text": (("services", 0, "port"), "3000", "services[0].port", "whole number"),
    "a port out of range": (("services", 0, "port"), 70000, "services[0].port", "65535"),
    "port zero": (("services", 0, "port"), 0, "services[0].port", "at least 1"),
    "no replicas": (("services", 0, "replicas"), 0, "services[0].replicas", "at least 1"),
    "half a replica": (("services", 0, "replicas"), 1.5, "services[0].replicas", "whole number"),
    "upper case in a name": (("services", 0, "name"), "Web", "services[0].name", "text"),
    "a name that is too long": (("services", 0, "name"), "a" * 64, "services[0].name", "text"),
    "the name of another service": (("services", 1, "name"), "web", "services[0].name", "no other"),
    "a reserved namespace": (
        ("services", 0, "namespace"),
        "kube-system",
        "services[0].namespace",
        "own",
    ),
    "a caller that is not declared": (
        ("services", 1, "callers"),
        ["wbe"],
        "services[1].callers[0]",
        "ingress",
    ),
    "a service that calls itself": (
        ("services", 1, "callers"),
        ["api"],
        "services[1].callers[0]",
        "ingress",
    ),
    "a caller named twice": (
        ("services", 1, "callers"),
        ["web", "web"],
        "services[1].callers",
        "once",
    ),
    "a timeout without a unit": (
        ("services", 0, "route"),
        {"timeout": 10},
        "services[0].route.timeout",
        "duration",
    ),
    "a timeout in an unknown unit": (
        ("services", 0, "route"),
        {"timeout": "1d"},
        "services[0].route.timeout",
        "duration",
    ),
    "a negative timeout": (
        ("services", 0, "route"),
        {"timeout": "-5s"},
        "services[0].route.timeout",
        "duration",
    ),
    "a timeout that cuts the retries off": (
        ("services", 0, "route"),
        {"timeout": "3s"},
        "services[0].route",
        "timeout",
    ),
    "too many retries": (
        ("services", 0, "route"),
        {"retries": {"attempts": 50}},
        "services[0].route.retries.attempts",
        "at most 10",
    ),
    "a weight over 100": (
        ("services", 0, "route"),
        {"canary": {"weight": 110}},
        "services[0].route.canary.weight",
        "at most 100",
    ),
    "a negative weight": (
        ("services", 0, "route"),
        {"canary": {"weight": -1}},
        "services[0].route.canary.weight",
        "at least 0",
    ),
    "an unknown load balancing": (
        ("services", 0, "route"),
        {"loadBalancing": {"algorithm": "random"}},
        "services[0].route.loadBalancing.algorithm",
        "roundRobin",
    ),
    "consistent hashing without a key": (
        ("services", 0, "route"),
        {"loadBalancing": {"algorithm": "consistentHash"}},
        "services[0].route.loadBalancing",
        "hashKey",
    ),
    "the outdated name of the breaker's limit": (
        ("services", 0, "route"),
        {"outlierDetection": {"consecutiveErrors": 5}},
        "services[0].route.outlierDetection.consecutiveErrors",
        "consecutive5xxErrors",
    ),
    "everything ejected and more": (
        ("services", 0, "route"),
        {"outlierDetection": {"maxEjectionPercent": 150}},
        "services[0].route.outlierDetection.maxEjectionPercent",
        "at most 100",
    ),
    "a repository over plain http": (
        ("gitops", "repository"),
        "http://git.example/x",
        "gitops.repository",
        "repository",
    ),
    "a repository in scp form": (
        ("gitops", "repository"),
        "git@git.example:x/y",
        "gitops.repository",
        "repository",
    ),
    "an empty branch": (("gitops", "branch"), "", "gitops.branch", "text"),
    "a branch that climbs": (("gitops", "branch"), "a/../b", "gitops.branch", "text"),
    "an interval that is too short": (("gitops", "interval"), "5s", "gitops.interval", "1m"),
    "nothing to apply": (("gitops", "kustomizations"), [], "gitops.kustomizations", "list"),
    "a path that leaves the repository": (
        ("gitops", "kustomizations", 0, "path"),
        "../elsewhere",
        "gitops.kustomizations[0].path",
        "text",
    ),
    "a dependency that does not exist": (
        ("gitops", "kustomizations", 0, "dependsOn"),
        ["base"],
        "gitops.kustomizations[0].dependsOn[0]",
        "all",
    ),
    "a dependency on itself": (
        ("gitops", "kustomizations", 0, "dependsOn"),
        ["all"],
        "gitops.kustomizations[0].dependsOn[0]",
        "circles",
    ),
    "a mode that does not exist": (
        ("mesh", "mtls"),
        {"mode": "strict"},
        "mesh.mtls.mode",
        "STRICT",
    ),
    "yes instead of true": (("mesh", "install"), "yes", "mesh.install", "true or false"),
    "a chart without a version": (
        ("mesh", "baseChart"),
        {"version": None},
        "mesh.baseChart",
        "version",
    ),
    "a certificate that never ends": (
        ("mesh", "certificateTtl"),
        "9000h",
        "mesh.certificateTtl",
        "2160h",
    ),
    "a time zone that does not exist": (
        ("chaos", "window"),
        {"timezone": "Mars/Olympus"},
        "chaos.window",
        "timezone",
    ),
    "a day that does not exist": (
        ("chaos", "window"),
        {"days": ["monday"]},
        "chaos.window.days[0]",
        "mon",
    ),
    "a freeze that ends before it begins": (
        ("chaos", "freezes"),
        [{"first": "2026-05-02", "last": "2026-05-01", "reason": "x"}],
        "chaos.freezes[0]",
        "last",
    ),
    "a cron anchored to its creation": (
        ("chaos", "schedules", 0, "cron"),
        "@every 2h",
        "chaos.schedules[0].cron",
        "text",
    ),
    "a cron with seconds": (
        ("chaos", "schedules", 0, "cron"),
        "0 0 3 * * mon",
        "chaos.schedules[0].cron",
        "text",
    ),
    "a cron that never comes": (
        ("chaos", "schedules", 0, "cron"),
        "0 3 1 1 *",
        "chaos.schedules[0].cron",
        "one that does",
    ),
    "a run outside the window": (
        ("chaos", "schedules", 0, "cron"),
        "0 12 * * mon",
        "chaos.schedules[0].cron",
        "between 02:00 and 06:00",
    ),
    "a run that is longer than its window": (
        ("chaos", "window"),
        {"opens": "03:00", "closes": "03:00:10"},
        "chaos.schedules[0].cron",
        "between",
    ),
    "runs that follow one another without rest": (
        ("chaos", "schedules", 0),
        {
            "cron": "*/5 3 * * mon",
            "hypothesis": "x",
            "fault": {"kind": "podFailure", "name": "x", "target": "api", "duration": "5m"},
        },
        "chaos.schedules[0].cron",
        "further apart",
    ),
    "a fault that does not exist": (
        ("chaos", "schedules", 0, "fault", "kind"),
        "podKill",
        "chaos.schedules[0].fault.kind",
        "podFailure",
    ),
    "a fault that lasts too long": (
        ("chaos", "schedules", 0, "fault", "duration"),
        "2h",
        "chaos.schedules[0].fault.duration",
        "30m",
    ),
    "a target that is not declared": (
        ("chaos", "schedules", 0, "fault", "target"),
        "apii",
        "chaos.schedules[0].fault.target",
        "api",
    ),
    "a target that does not allow it": (
        ("chaos", "schedules", 0, "fault", "target"),
        "web",
        "chaos.schedules[0].fault.target",
        "chaos: true",
    ),
    "every pod at once": (
        ("chaos", "schedules", 0, "fault", "pods"),
        2,
        "chaos.schedules[0].fault.pods",
        "at most 1",
    ),
    "a prometheus without a scheme": (
        ("anomaly", "prometheusUrl"),
        "prometheus:9090",
        "anomaly.prometheusUrl",
        "text",
    ),
    "an interval that drifts over the hour": (
        ("anomaly", "intervalMinutes"),
        7,
        "anomaly",
        "intervalMinutes",
    ),
    "a threshold below zero": (
        ("anomaly", "thresholds"),
        {"zscore": -3},
        "anomaly.thresholds.zscore",
        "above 0",
    ),
    "a method that does not exist": (
        ("anomaly", "method"),
        "magic",
        "anomaly.method",
        "ensemble",
    ),
    "a digest that is none": (
        ("anomaly", "image"),
        {"digest": "sha256:abc"},
        "anomaly.image.digest",
        "text",
    ),
    "a misspelt area": (("servces",), [], "servces", "services"),
    "a misspelt key": (("mesh", "defaultDenny"), True, "mesh.defaultDenny", "defaultDeny"),
    "the Python spelling of a key": (
        ("anomaly", "interval_minutes"),
        10,
        "anomaly.interval_minutes",
        "intervalMinutes",
    ),
}


@pytest.mark.parametrize("path,value,key,allowed", VALUES.values(), ids=VALUES.keys())
def test_refuses(configuration, path, value, key, allowed):
    problems = configuration.set(path, value).problems()
    assert key in problems
    assert allowed in problems[key].allowed


@pytest.mark.parametrize(
    "path,key",
    [
        (("environment",), "environment"),
        (("cluster",), "cluster"),
        (("services",), "services"),
        (("gitops",), "gitops"),
        (("anomaly",), "anomaly"),
        (("cluster", "context"), "cluster.context"),
        (("services", 1, "port"), "services[1].port"),
        (("gitops", "branch"), "gitops.branch"),
        (("anomaly", "prometheusUrl"), "anomaly.prometheusUrl"),
        (("chaos", "schedules", 0, "hypothesis"), "chaos.schedules[0].hypothesis"),
    ],
)
def test_refuses_what_is_missing(configuration, path, key):
    problems = configuration.remove(path).problems()
    assert problems[key].what == "is missing"


def test_refuses_two_experiments_on_one_service_at_a_time(configuration):
    configuration.add_schedule(cron="0 3 * * *", fault={"name": "second", "duration": "10m"})
    problems = configuration.set(
        ("chaos", "window"), {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    ).problems()
    assert (
        "while api-pod-failure is still acting on api" in problems["chaos.schedules[1].cron"].what
    )


def test_refuses_an_experiment_on_the_caller_of_another_target(configuration):
    configuration.set(("services", 0, "chaos"), True)
    configuration.add_schedule(cron="0 3 * * mon", fault={"target": "web"})
    assert (
        "api, which web is connected with"
        in configuration.problems()["chaos.schedules[1].cron"].what
    )


def test_refuses_one_name_for_two_schedules(configuration):
    configuration.add_schedule(fault={"name": "api-pod-failure"})
    assert {"chaos.schedules[0]", "chaos.schedules[1]"} <= configuration.problems().keys()


def test_refuses_a_workflow_whose_chain_leaves_the_window(configuration):
    configuration.add_workflow(cron="59 5 * * wed")
    assert "is not inside the window" in configuration.problems()["chaos.workflows[0].cron"].what


def test_refuses_a_run_in_a_freeze(configuration):
    freeze = {"first": "2026-03-09", "last": "2026-03-09", "reason": "release"}
    problems = configuration.set(("chaos", "freezes"), [freeze]).problems()
    assert "release" in problems["chaos.schedules[0].cron"].what


def test_refuses_circles_between_kustomizations(configuration):
    configuration.set(
        ("gitops", "kustomizations"),
        [
            {"name": "a", "path": "a", "dependsOn": ["b"]},
            {"name": "b", "path": "b", "dependsOn": ["a"]},
        ],
    )
    assert configuration.problems().keys() == {
        "gitops.kustomizations[0].dependsOn[0]",
        "gitops.kustomizations[1].dependsOn[0]",
    }
