"""Every mistake that an author can make is refused at its key, with what would be right."""

from typing import ClassVar

import pytest

from settings.problems import SettingsError
from tests.settings.conftest import Configuration

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
NIGHTLY = {"name": "backup", "schedule": "0 2 * * *", "duration": "1h"}

VALUES = {
    "an environment that does not exist": (("environment",), "prod", "environment", "production"),
    "a number where text belongs": (("cluster", "context"), 3, "cluster.context", "text"),
    "an empty context": (("cluster", "context"), "", "cluster.context", "not empty"),
    "a blank context": (("cluster", "context"), " ", "cluster.context", "not empty"),
    "a context with a control character": (
        ("cluster", "context"),
        "a\x00b",
        "cluster.context",
        "control characters",
    ),
    "an empty kubeconfig": (("cluster", "kubeconfig"), "", "cluster.kubeconfig", "a file"),
    "a kubeconfig in the home of nobody": (
        ("cluster", "kubeconfig"),
        "~nobody-of-that-name/config",
        "cluster.kubeconfig",
        "a file",
    ),
    "a kubeconfig instead of its path": (
        ("cluster", "kubeconfig"),
        "apiVersion: v1\n" * 400,
        "cluster.kubeconfig",
        "a file",
    ),
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
    "upper case in a name": (("services", 0, "name"), "Web", "services[0].name", "lower-case"),
    "a name that begins with a digit": (
        ("services", 0, "name"),
        "1web",
        "services[0].name",
        "beginning with a letter",
    ),
    "a name that ends with a line break": (
        ("services", 0, "name"),
        "web\n",
        "services[0].name",
        "ending with a letter or digit",
    ),
    "a name that is too long": (("services", 0, "name"), "a" * 64, "services[0].name", "63"),
    "the name of the gateway": (("services", 2, "name"), "ingress", "services[2].name", "another"),
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
        {"timeout": "3s", "retries": {"perTryTimeout": "2s", "retryOn": ["reset"]}},
        "services[0].route.timeout",
        "duration",
    ),
    "no retry conditions": (
        ("services", 0, "route"),
        {"retries": {"retryOn": []}},
        "services[0].route.retries.retryOn",
        "entries from 1",
    ),
    "a retry condition that does not exist": (
        ("services", 0, "route"),
        {"retries": {"retryOn": ["5xxx"]}},
        "services[0].route.retries.retryOn[0]",
        "gateway-error",
    ),
    "a status that is no error as a retry condition": (
        ("services", 0, "route"),
        {"retries": {"retryOn": ["200"]}},
        "services[0].route.retries.retryOn[0]",
        "status code of an error",
    ),
    "repeated tries without a limit": (
        ("services", 0, "route"),
        {"retries": {"retryOn": ["reset"]}},
        "services[0].route.retries.perTryTimeout",
        "retryOn",
    ),
    "a caller that gives up before its callee's default ends": (
        ("services", 0, "route"),
        {"timeout": "100ms"},
        "services[1].route",
        "route.timeout of web of 10s or more",
    ),
    "a callee whose tries outlast its caller": (
        ("services", 1, "route"),
        {"timeout": "1h", "retries": {"attempts": 10, "perTryTimeout": "1m", "retryOn": ["503"]}},
        "services[1].route",
        "of api within 10s",
    ),
    "a circuit breaker that never opens": (
        ("services", 0),
        {
            "name": "web",
            "namespace": "brisa",
            "port": 3000,
            "replicas": 3,
            "route": {"outlierDetection": {"maxEjectionPercent": 10}},
        },
        "services[0].route.outlierDetection.maxEjectionPercent",
        "Share of pods",
    ),
    "one port twice": (
        ("services", 0, "furtherPorts"),
        [{"port": 3000}],
        "services[0].furtherPorts[0].port",
        "whole number",
    ),
    "a caller of a port that is none": (
        ("services", 0, "externalCallers"),
        [{"namespace": "batch", "ports": [9999]}],
        "services[0].externalCallers[0].ports[0]",
        "whole number",
    ),
    "a protocol that is none": (
        ("services", 0, "protocol"),
        "udp",
        "services[0].protocol",
        "tcp",
    ),
    "a canary of bytes": (
        ("services", 2),
        {"name": "db", "namespace": "brisa", "port": 1, "protocol": "tcp", "route": {"canary": {}}},
        "services[2].route.canary",
        "split",
    ),
    "a way in for bytes": (
        ("services", 2),
        {
            "name": "db",
            "namespace": "brisa",
            "port": 5432,
            "protocol": "tcp",
            "ingress": {"hosts": ["db.example.com"]},
        },
        "services[2].ingress",
        "outside",
    ),
    "a host with its port": (
        ("services", 0, "ingress"),
        {"hosts": ["shop.example.com:443"]},
        "services[0].ingress.hosts[0]",
        "without port",
    ),
    "a host in upper case": (
        ("services", 0, "ingress"),
        {"hosts": ["Shop.Example.com"]},
        "services[0].ingress.hosts[0]",
        "lower case",
    ),
    "an address in numbers": (
        ("services", 0, "ingress"),
        {"hosts": ["192.0.2.1"]},
        "services[0].ingress.hosts[0]",
        "address",
    ),
    "the cluster's own name as a way in": (
        ("services", 0, "ingress"),
        {"hosts": ["web.brisa.svc.cluster.local"]},
        "services[0].ingress.hosts[0]",
        "name of the cluster's own",
    ),
    "a way in without hosts": (
        ("services", 0, "ingress"),
        {"hosts": []},
        "services[0].ingress.hosts",
        "entries from 1",
    ),
    "annotations for no controller": (
        ("mesh",),
        {"ingress": {"annotations": {"a/b": "c"}}},
        "mesh.ingress.annotations",
        "annotations",
    ),
    "a schedule that fires all the time": (
        ("chaos",),
        {
            "lookaheadWeeks": 52,
            "schedules": [
                {
                    "cron": "* * * * *",
                    "hypothesis": "x",
                    "fault": {"kind": "podFailure", "name": f"x{number}", "target": "api"},
                }
                for number in range(30)
            ],
        },
        "chaos.schedules[0].cron",
        "a few runs a day",
    ),
    "a host without its namespace": (
        ("mesh",),
        {"reachable": ["ledger.legacy.svc.cluster.local"]},
        "mesh.reachable[0]",
        "namespace/host",
    ),
    "a proxy that asks for more than it may have": (
        ("mesh",),
        {"proxy": {"memoryRequest": "2Gi"}},
        "mesh.proxy.memoryRequest",
        "set aside",
    ),
    "a character that nobody sees": (
        ("cluster", "clusterIdentifier"),
        "brisa\u200b-staging",
        "cluster.clusterIdentifier",
        "plain letters",
    ),
    "a blank that is none": (
        ("cluster", "context"),
        "brisa\u00a0staging",
        "cluster.context",
        "nobody sees",
    ),
    "two services with one identity": (
        ("services", 2, "serviceAccount"),
        "web",
        "services[2].serviceAccount",
        "no other workload",
    ),
    "the identity of nobody in particular": (
        ("services", 0, "serviceAccount"),
        "default",
        "services[0].serviceAccount",
        "no other workload",
    ),
    "an objective whose alert is dead": (
        ("services", 0, "slo"),
        {"availabilityPercent": 93},
        "services[0].slo.availabilityPercent",
        "at least 93.1",
    ),
    "a page of Prometheus instead of the server": (
        ("anomaly", "prometheusUrl"),
        "http://prometheus.monitoring:9090/graph",
        "anomaly.prometheusUrl",
        "URL of a server",
    ),
    "the API of Prometheus instead of the server": (
        ("anomaly", "prometheusUrl"),
        "http://prometheus.monitoring:9090/api/v1/",
        "anomaly.prometheusUrl",
        "URL of a server",
    ),
    "a freeze of a year that is over": (
        ("chaos", "freezes"),
        [{"first": "2025-04-01", "last": "2025-04-05", "reason": "x"}],
        "chaos.freezes[0].last",
        "this year",
    ),
    "values that turn mutual TLS off": (
        ("mesh",),
        {"istiodChart": {"values": {"meshConfig": {"enableAutoMtls": False}}}},
        "mesh.istiodChart.values",
        "values",
    ),
    "values that open every namespace to experiments": (
        ("chaos", "chart"),
        {"values": {"controllerManager": {"enableFilterNamespace": False}}},
        "chaos.chart.values",
        "values",
    ),
    "an expression with an open bracket": (
        ("mesh",),
        {"telemetry": {"accessLogFilter": "(response.code >= 400"}},
        "mesh.telemetry.accessLogFilter",
        "CEL",
    ),
    "an expression with an open quote": (
        ("mesh",),
        {"telemetry": {"accessLogFilter": "request.host == 'x"}},
        "mesh.telemetry.accessLogFilter",
        "CEL",
    ),
    "a mask that never ends": (
        ("anomaly", "masks"),
        [{"name": "x", "schedule": "0 */2 * * *", "duration": "2h"}],
        "anomaly.masks[0].duration",
        "How long it stays open",
    ),
    "a canary that is the stable version": (
        ("services", 0, "route"),
        {"canary": {"canaryVersion": "stable"}},
        "services[0].route.canary.canaryVersion",
        "label",
    ),
    "a version that no label can have": (
        ("services", 0, "route"),
        {"canary": {"stableVersion": "v 1"}},
        "services[0].route.canary.stableVersion",
        "a label's value",
    ),
    "a share for a retired canary": (
        ("services", 0, "route"),
        {"canary": {"retired": True, "weight": 10}},
        "services[0].route.canary.weight",
        "percent",
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
        "services[0].route.loadBalancing.hashKey",
        "header",
    ),
    "a header that is none": (
        ("services", 0, "route"),
        {"loadBalancing": {"algorithm": "consistentHash", "hashKey": {"header": "x user"}}},
        "services[0].route.loadBalancing.hashKey.header",
        "HTTP header",
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
    "a tag that moves": (
        ("services", 0, "image"),
        {"name": "web", "newTag": "latest"},
        "services[0].image.newTag",
        "not latest",
    ),
    "a tag in the place of a name": (
        ("services", 0, "image"),
        {"name": "web", "newName": "ghcr.io/team/web:1"},
        "services[0].image.newName",
        "without tag",
    ),
    "a digest without its algorithm": (
        ("services", 0, "image"),
        {"name": "web", "digest": "0" * 64},
        "services[0].image.digest",
        "sha256:",
    ),
    "an artifact of no version": (
        ("gitops", "sources"),
        [{"kind": "oci", "name": "apps", "url": "oci://registry.example/apps"}],
        "gitops.sources[0]",
        "tag",
    ),
    "a signature of nobody": (
        ("gitops", "sources"),
        [{"kind": "oci", "name": "a", "url": "oci://r.example/a", "tag": "1", "verify": {}}],
        "gitops.sources[0].verify.secretName",
        "public keys",
    ),
    "a source of no kind": (
        ("gitops", "sources"),
        [{"kind": "svn", "name": "apps"}],
        "gitops.sources[0].kind",
        "bucket",
    ),
    "two sources of one name": (
        ("gitops", "sources"),
        [
            {
                "kind": "git",
                "name": "brisa-infrastructure",
                "url": "https://x.example/y",
                "branch": "main",
            }
        ],
        "gitops.sources[0].name",
        "Name of the GitRepository",
    ),
    "a kustomization of a source that is none": (
        ("gitops", "kustomizations", 0, "source"),
        "apps",
        "gitops.kustomizations[0].source",
        "gitops.sources",
    ),
    "a chart of a repository without its name": (
        ("gitops", "helmReleases"),
        [{"name": "x", "namespace": "x", "repository": "https://x.example", "version": "1.0.0"}],
        "gitops.helmReleases[0].chart",
        "https repository",
    ),
    "a chart of any version": (
        ("gitops", "helmReleases"),
        [{"name": "x", "namespace": "x", "repository": "oci://x.example/y", "version": "1.x"}],
        "gitops.helmReleases[0].version",
        "exact version",
    ),
    "images that are written where they are applied": (
        ("gitops", "imageAutomation"),
        {
            "images": [{"name": "web", "image": "r.example/web", "semver": "1.x"}],
            "path": "infra",
            "pushBranch": "develop",
            "email": "x@example.com",
        },
        "gitops.imageAutomation.pushBranch",
        "pull request",
    ),
    "images that no controller looks at": (
        ("gitops", "imageAutomation"),
        {
            "images": [{"name": "web", "image": "r.example/web", "semver": "1.x"}],
            "path": "infra",
            "pushBranch": "images",
            "email": "x@example.com",
        },
        "gitops.imageAutomation",
        "images",
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
    "a repository on a port that does not exist": (
        ("gitops", "repository"),
        "https://git.example:99999/x",
        "gitops.repository",
        "repository",
    ),
    "a repository without a path": (
        ("gitops", "repository"),
        "https://git.example/",
        "gitops.repository",
        "repository",
    ),
    "an empty branch": (("gitops", "branch"), "", "gitops.branch", "main"),
    "a branch with blanks": (("gitops", "branch"), "my branch", "gitops.branch", "blanks"),
    "a branch that climbs": (("gitops", "branch"), "a/../b", "gitops.branch", "'..'"),
    "a reference instead of a branch": (
        ("gitops", "branch"),
        "refs/heads/main",
        "gitops.branch",
        "without refs/heads/",
    ),
    "a branch that Git refuses": (("gitops", "branch"), "main.lock", "gitops.branch", "main"),
    "an interval that is too short": (("gitops", "interval"), "5s", "gitops.interval", "1m"),
    "nothing to apply": (("gitops", "kustomizations"), [], "gitops.kustomizations", "list"),
    "a path that leaves the repository": (
        ("gitops", "kustomizations", 0, "path"),
        "../elsewhere",
        "gitops.kustomizations[0].path",
        "without '..'",
    ),
    "a path with a backslash": (
        ("gitops", "kustomizations", 0, "path"),
        "infra\\gitops",
        "gitops.kustomizations[0].path",
        "infra/gitops",
    ),
    "a kind that is none": (
        ("gitops", "kustomizations", 0, "healthChecks"),
        [{"name": "x", "namespace": "x", "kind": "deployment x"}],
        "gitops.kustomizations[0].healthChecks[0].kind",
        "a kind",
    ),
    "a check outside of the tenant's namespace": (
        ("gitops", "kustomizations", 0),
        {
            "name": "shop",
            "path": "shop",
            "targetNamespace": "shop",
            "healthChecks": [{"name": "db", "namespace": "data"}],
        },
        "gitops.kustomizations[0].healthChecks[0].namespace",
        "a DNS label",
    ),
    "a variable that no manifest can name": (
        ("gitops", "kustomizations", 0, "postBuild"),
        {"substitute": {"cluster-name": "prod-1"}},
        "gitops.kustomizations[0].postBuild.substitute.cluster-name",
        "the name of a variable",
    ),
    "keys without a name": (
        ("gitops", "kustomizations", 0, "decryption"),
        {},
        "gitops.kustomizations[0].decryption.secretName",
        "a DNS label",
    ),
    "tenants that could do nothing": (
        ("gitops", "instance"),
        {"multitenant": True},
        "gitops.kustomizations[0].serviceAccountName",
        "multitenant",
    ),
    "a controller that does not exist": (
        ("gitops", "instance"),
        {"components": ["sourcecontroller"]},
        "gitops.instance.components[0]",
        "source-controller",
    ),
    "a Flux that applies nothing": (
        ("gitops", "instance"),
        {"components": ["source-controller"]},
        "gitops.instance.components",
        "list",
    ),
    "a webhook for Slack's API": (
        ("gitops", "slack"),
        {"address": "https://hooks.slack.com/services/T0/B0/x"},
        "gitops.slack.address",
        "URL",
    ),
    "a range of chart versions": (
        ("gitops", "operatorChart"),
        {"version": "0.x"},
        "gitops.operatorChart.version",
        "exact version",
    ),
    "Flux among the cluster's own": (
        ("gitops", "namespace"),
        "kube-system",
        "gitops.namespace",
        "of its own",
    ),
    "services that go elsewhere": (
        ("gitops", "kustomizations", 0, "targetNamespace"),
        "elsewhere",
        "gitops.kustomizations[0].targetNamespace",
        "services: false",
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
        "mesh.baseChart.version",
        "exact version",
    ),
    "a chart without a repository": (
        ("mesh", "baseChart"),
        {"repository": None},
        "mesh.baseChart.repository",
        "URL",
    ),
    "images from a URL": (("mesh", "imageHub"), "https://x.example/y", "mesh.imageHub", "registry"),
    "a collector with its port": (
        ("mesh", "telemetry"),
        {"collector": "otel:4317"},
        "mesh.telemetry.collector",
        "without scheme and port",
    ),
    "a trust domain of dots": (("mesh", "trustDomain"), "...", "mesh.trustDomain", "host name"),
    "Istio beside Flux": (("mesh", "namespace"), "flux-system", "mesh.namespace", "of its own"),
    "a service beside the gateway": (
        ("services", 0, "namespace"),
        "istio-ingress",
        "services[0].namespace",
        "of its own",
    ),
    "Chaos Mesh among services": (
        ("chaos", "namespace"),
        "brisa",
        "services[0].namespace",
        "of its own",
    ),
    "the detector beside Chaos Mesh": (
        ("anomaly", "namespace"),
        "chaos-mesh",
        "anomaly.namespace",
        "of its own",
    ),
    "an owner that is too long": (("chaos", "owner"), "a" * 64, "chaos.owner", "63"),
    "a certificate that never ends": (
        ("mesh", "certificateTtl"),
        "9000h",
        "mesh.certificateTtl",
        "2160h",
    ),
    "a time zone that does not exist": (
        ("chaos", "window"),
        {"timezone": "Mars/Olympus"},
        "chaos.window.timezone",
        "IANA",
    ),
    "an hour that does not exist": (
        ("chaos", "window"),
        {"opens": "25:00"},
        "chaos.window.opens",
        "23:59",
    ),
    "an hour in one digit": (("chaos", "window"), {"opens": "2:00"}, "chaos.window.opens", "HH:MM"),
    "an hour in another time zone": (
        ("chaos", "window"),
        {"opens": "02:00+01:00"},
        "chaos.window.opens",
        "HH:MM",
    ),
    "an hour as a number": (("chaos", "window"), {"opens": 120}, "chaos.window.opens", "HH:MM"),
    "a day named twice": (
        ("chaos", "window"),
        {"days": ["mon", "mon"]},
        "chaos.window.days",
        "list",
    ),
    "a day that the calendar lacks": (
        ("chaos", "freezes"),
        [{"first": "2026-02-30", "last": "2026-03-01", "reason": "x"}],
        "chaos.freezes[0].first",
        "YYYY-MM-DD",
    ),
    "a day as a number": (
        ("chaos", "freezes"),
        [{"first": 20260201, "last": "2026-03-01", "reason": "x"}],
        "chaos.freezes[0].first",
        "YYYY-MM-DD",
    ),
    "a freeze without a reason": (
        ("chaos", "freezes"),
        [{"first": "2026-02-01", "last": "2026-03-01", "reason": " "}],
        "chaos.freezes[0].reason",
        "text",
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
        "chaos.freezes[0].last",
        "YYYY-MM-DD",
    ),
    "a cron anchored to its creation": (
        ("chaos", "schedules", 0, "cron"),
        "@every 2h",
        "chaos.schedules[0].cron",
        "five wall-clock",
    ),
    "a cron with seconds": (
        ("chaos", "schedules", 0, "cron"),
        "0 0 3 * * mon",
        "chaos.schedules[0].cron",
        "five wall-clock",
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
    "a run that begins when its window closes": (
        ("chaos", "window"),
        {"opens": "02:59", "closes": "03:00"},
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
        "nodeKill",
        "chaos.schedules[0].fault.kind",
        "podFailure",
    ),
    "a fault of no kind": (
        ("chaos", "schedules", 0, "fault"),
        {"name": "x", "target": "api"},
        "chaos.schedules[0].fault.kind",
        "podFailure",
    ),
    "a fault that is no object": (
        ("chaos", "schedules", 0, "fault"),
        "podFailure",
        "chaos.schedules[0].fault",
        "kind is one of",
    ),
    "more jitter than latency": (
        ("chaos", "schedules", 0, "fault"),
        {"kind": "networkDelay", "name": "x", "target": "api", "jitter": "1s"},
        "chaos.schedules[0].fault.jitter",
        "duration",
    ),
    "memory that no machine has": (
        ("chaos", "schedules", 0, "fault"),
        {"kind": "memoryStress", "name": "x", "target": "api", "size": "999999GB"},
        "chaos.schedules[0].fault.size",
        "GB",
    ),
    "a volume mounted over everything": (
        ("chaos", "schedules", 0, "fault"),
        {"kind": "ioLatency", "name": "x", "target": "api", "volumePath": "/"},
        "chaos.schedules[0].fault.volumePath",
        "below /",
    ),
    "more loss than half": (
        ("chaos", "schedules", 0, "fault"),
        {"name": "x", "target": "api", "kind": "networkLoss", "percent": 51},
        "chaos.schedules[0].fault.percent",
        "50",
    ),
    "much corruption": (
        ("chaos", "schedules", 0, "fault"),
        {"name": "x", "target": "api", "kind": "networkCorrupt", "percent": 11},
        "chaos.schedules[0].fault.percent",
        "10",
    ),
    "everything twice": (
        ("chaos", "schedules", 0, "fault"),
        {"name": "x", "target": "api", "kind": "networkDuplicate", "percent": 100},
        "chaos.schedules[0].fault.percent",
        "50",
    ),
    "a partition from everybody": (
        ("chaos", "schedules", 0, "fault"),
        {"name": "x", "target": "api", "kind": "networkPartition"},
        "chaos.schedules[0].fault.peer",
        "Catalogue service",
    ),
    "packets to a service that is not called": (
        ("chaos", "schedules", 0, "fault"),
        {"name": "x", "target": "api", "kind": "networkLoss", "peer": "jobs"},
        "chaos.schedules[0].fault.peer",
        "a service that api calls",
    ),
    "a line that lets nothing through": (
        ("chaos", "schedules", 0, "fault"),
        {"name": "x", "target": "api", "kind": "networkBandwidth", "kilobytesPerSecond": 1},
        "chaos.schedules[0].fault.kilobytesPerSecond",
        "16",
    ),
    "more memory than a container has": (
        ("chaos", "schedules", 0, "fault"),
        {"name": "x", "target": "api", "kind": "memoryStress", "size": "4GB"},
        "chaos.schedules[0].fault.size",
        "2GB",
    ),
    "an error that there is not": (
        ("chaos", "schedules", 0, "fault"),
        {
            "name": "x",
            "target": "api",
            "kind": "ioError",
            "volumePath": "/data",
            "error": "EPIC",
        },
        "chaos.schedules[0].fault.error",
        "EIO",
    ),
    "every call of a volume": (
        ("chaos", "schedules", 0, "fault"),
        {
            "name": "x",
            "target": "api",
            "kind": "ioError",
            "volumePath": "/data",
            "percent": 100,
        },
        "chaos.schedules[0].fault.percent",
        "50",
    ),
    "permissions in words": (
        ("chaos", "schedules", 0, "fault"),
        {
            "name": "x",
            "target": "api",
            "kind": "ioAttribute",
            "volumePath": "/data",
            "permissions": "rwx",
        },
        "chaos.schedules[0].fault.permissions",
        "octal",
    ),
    "every name there is": (
        ("chaos", "schedules", 0, "fault"),
        {"name": "x", "target": "api", "kind": "dnsError", "names": ["*"]},
        "chaos.schedules[0].fault.names[0]",
        "DNS name",
    ),
    "no name at all": (
        ("chaos", "schedules", 0, "fault"),
        {"name": "x", "target": "api", "kind": "dnsError", "names": []},
        "chaos.schedules[0].fault.names",
        "Which ones",
    ),
    "a clock set to another day": (
        ("chaos", "schedules", 0, "fault"),
        {"name": "x", "target": "api", "kind": "clockSkew", "offset": "24h"},
        "chaos.schedules[0].fault.offset",
        "10m",
    ),
    "a method that is none": (
        ("chaos", "schedules", 0, "fault"),
        {
            "name": "x",
            "target": "api",
            "kind": "jvmLatency",
            "javaClass": "a.B",
            "method": "run();",
        },
        "chaos.schedules[0].fault.method",
        "Java method",
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
        "http://",
    ),
    "a prometheus with a query": (
        ("anomaly", "prometheusUrl"),
        "http://prometheus:9090/?x=1",
        "anomaly.prometheusUrl",
        "query",
    ),
    "a prometheus on no port": (
        ("anomaly", "prometheusUrl"),
        "http://prometheus:0",
        "anomaly.prometheusUrl",
        "port",
    ),
    "a step of broken seconds": (("anomaly", "step"), "10.5s", "anomaly.step", "duration"),
    "a step of most of the history": (
        ("anomaly",),
        {"prometheusUrl": "http://prometheus", "lookback": "1h", "step": "1h"},
        "anomaly.step",
        "duration",
    ),
    "no memory": (("anomaly", "resources"), {"memory": "0Mi"}, "anomaly.resources.memory", "Mi"),
    "memory without a unit": (
        ("anomaly", "resources"),
        {"memory": "512"},
        "anomaly.resources.memory",
        "Mi",
    ),
    "more CPU asked for than allowed": (
        ("anomaly", "resources"),
        {"cpuRequest": "2", "cpuLimit": "1500m"},
        "anomaly.resources.cpuRequest",
        "thousandths",
    ),
    "an interval that drifts over the hour": (
        ("anomaly", "intervalMinutes"),
        7,
        "anomaly.intervalMinutes",
        "whole number",
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
        "hexadecimal",
    ),
    "certificates for a server without TLS": (
        ("anomaly", "prometheusAccess"),
        {"authority": CERTIFICATE},
        "anomaly.prometheusAccess.authority",
        "certificates",
    ),
    "certificates for another server without TLS": (
        ("anomaly", "results"),
        {"remoteWrite": {"url": "http://mimir/api/v1/push", "access": {"authority": CERTIFICATE}}},
        "anomaly.results.remoteWrite.access.authority",
        "certificates",
    ),
    "a key among certificates": (
        ("anomaly", "prometheusAccess"),
        {"authority": CERTIFICATE.replace("CERTIFICATE", "PRIVATE KEY")},
        "anomaly.prometheusAccess.authority",
        "and no key",
    ),
    "a user with a password in its name": (
        ("anomaly", "prometheusAccess"),
        {"username": "me:hunter2"},
        "anomaly.prometheusAccess.username",
        "without blanks",
    ),
    "no signals at all": (
        ("anomaly", "signals"),
        {"preset": "none"},
        "anomaly.signals.preset",
        "istio",
    ),
    "an extra signal with a name of the preset": (
        ("anomaly", "signals"),
        {"extra": [{"name": "traffic", "query": "up"}]},
        "anomaly.signals.extra",
        "a list",
    ),
    "an extra signal without a query": (
        ("anomaly", "signals"),
        {"extra": [{"name": "queue_depth"}]},
        "anomaly.signals.extra[0].query",
        "PromQL",
    ),
    "a signal whose name is none": (
        ("anomaly", "signals"),
        {"extra": [{"name": "Queue depth", "query": "up"}]},
        "anomaly.signals.extra[0].name",
        "lower-case",
    ),
    "a tuned signal that is not in the preset": (
        ("anomaly", "signals"),
        {"tuned": [{"signal": "latency_p50"}]},
        "anomaly.signals.tuned",
        "a list",
    ),
    "a signal that is tuned twice": (
        ("anomaly", "signals"),
        {"tuned": [{"signal": "traffic"}, {"signal": "traffic"}]},
        "anomaly.signals.tuned",
        "a list",
    ),
    "a mask of no kind": (
        ("anomaly", "masks"),
        [{"name": "backup", "schedule": "0 2 * * *"}],
        "anomaly.masks[0]",
        "an object",
    ),
    "a mask of both kinds": (
        ("anomaly", "masks"),
        [{**NIGHTLY, "start": "2026-11-02T03:00", "end": "2026-11-02T04:00"}],
        "anomaly.masks[0]",
        "an object",
    ),
    "a mask that ends before it starts": (
        ("anomaly", "masks"),
        [
            {
                "name": "x",
                "start": "2026-11-02T03:00+01:00",
                "end": "2026-11-02T02:00",
                "timezone": "UTC",
            },
            {"name": "y", "start": "2026-11-02T03:00", "end": "2026-11-02T03:00"},
        ],
        "anomaly.masks[1].end",
        "YYYY-MM-DDTHH:MM",
    ),
    "a mask with a zone in its schedule": (
        ("anomaly", "masks"),
        [{**NIGHTLY, "schedule": "CRON_TZ=Europe/Berlin 0 2 * * *"}],
        "anomaly.masks[0].schedule",
        "cron",
    ),
    "a mask of broken minutes": (
        ("anomaly", "masks"),
        [{**NIGHTLY, "duration": "90s"}],
        "anomaly.masks[0].duration",
        "a duration",
    ),
    "a mask of more than a week": (
        ("anomaly", "masks"),
        [{**NIGHTLY, "duration": "169h"}],
        "anomaly.masks[0].duration",
        "up to 168h",
    ),
    "a mask on a moment that is none": (
        ("anomaly", "masks"),
        [{"name": "x", "start": "2026-11-02", "end": "2026-11-03T00:00"}],
        "anomaly.masks[0].start",
        "YYYY-MM-DDTHH:MM",
    ),
    "a mask with a broken expression": (
        ("anomaly", "masks"),
        [{**NIGHTLY, "match": {"app": "(api"}}],
        "anomaly.masks[0].match.app",
        "regular expression",
    ),
    "a mask of a label that is none": (
        ("anomaly", "masks"),
        [{**NIGHTLY, "match": {"1app": "api"}}],
        "anomaly.masks[0].match.1app",
        "label of series",
    ),
    "a mask of a signal that is not looked at": (
        ("anomaly", "masks"),
        [NIGHTLY, {**NIGHTLY, "signals": ["latency_p50"]}],
        "anomaly.masks[1].signals",
        "a list",
    ),
    "a mask of a service that is not in the catalogue": (
        ("anomaly", "masks"),
        [{**NIGHTLY, "services": ["wbe"]}],
        "anomaly.masks[0].services[0]",
        "web",
    ),
    "no shards": (("anomaly", "shards"), 0, "anomaly.shards", "at least 1"),
    "shards of a deployment": (
        ("anomaly",),
        {"prometheusUrl": "http://prometheus", "shards": 2, "mode": "deployment"},
        "anomaly.shards",
        "whole number",
    ),
    "shards that share a volume of one node": (
        ("anomaly",),
        {"prometheusUrl": "http://prometheus", "shards": 2, "state": {}},
        "anomaly.state.accessMode",
        "ReadWriteMany",
    ),
    "a mask that looks around": (
        ("anomaly", "masks"),
        [{"name": "m", "start": "2026-01-01", "end": "2026-01-02", "match": {"a": "(?=b)"}}],
        "anomaly.masks[0].match.a",
        "without look-around",
    ),
    "a volume without a unit": (
        ("anomaly", "state"),
        {"size": "10"},
        "anomaly.state.size",
        "Gi",
    ),
    "a Secret that holds nothing": (
        ("anomaly", "existingSecret"),
        {"name": "detector", "entries": []},
        "anomaly.existingSecret.entries",
        "entries from 1",
    ),
    "a way of delivery that does not exist": (
        ("observability",),
        {"rules": {"delivery": "operator"}},
        "observability.rules.delivery",
        "prometheusOperator",
    ),
    "a label's value with a blank": (
        ("observability",),
        {"operatorLabels": {"release": "kube prometheus"}},
        "observability.operatorLabels.release",
        "letters, digits",
    ),
    "a label's key with a blank": (
        ("observability",),
        {"operatorLabels": {"my release": "x"}},
        "observability.operatorLabels.my release",
        "a label's key",
    ),
    "a scrape every two minutes": (
        ("observability",),
        {"scraping": {"interval": "2m0s"}},
        "observability.scraping.interval",
        "up to 1m0s",
    ),
    "boards for no Grafana at all": (
        ("observability",),
        {"dashboards": {"instanceSelector": {}}},
        "observability.dashboards.instanceSelector",
        "an object",
    ),
    "a runbook with an anchor": (
        ("observability",),
        {"rules": {"runbook": "https://runbook.example/page#alert"}},
        "observability.rules.runbook",
        "fragment",
    ),
    "a service among the monitoring": (
        ("services", 0, "namespace"),
        "monitoring",
        "services[0].namespace",
        "a namespace of its own",
    ),
    "boards in a namespace that another part makes": (
        ("observability",),
        {"namespace": "anomaly-detection", "createNamespace": True},
        "observability.namespace",
        "a namespace of its own",
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


UNFIT = {
    "shards that share what is the default volume": (
        ("anomaly",),
        {"prometheusUrl": "http://prometheus", "shards": 2},
        "anomaly.state.accessMode",
        "state: null",
    ),
    "the path of an API of Prometheus": (
        ("anomaly", "prometheusUrl"),
        "http://prometheus:9090/api/v1/query_range",
        "anomaly.prometheusUrl",
        "ends with /api/v1",
    ),
    "the path of an API of Alertmanager": (
        ("anomaly", "results"),
        {"alertmanager": {"url": "http://alertmanager:9093/api/v2/alerts"}},
        "anomaly.results.alertmanager.url",
        "ends with /api/v2/alerts",
    ),
    "remote write to a server as such": (
        ("anomaly", "results"),
        {"remoteWrite": {"url": "http://prometheus:9090"}},
        "anomaly.results.remoteWrite.url",
        "/api/v1/write",
    ),
    "requests that nobody counts": (
        ("anomaly", "signals"),
        {"extra": [{"name": "queue", "query": "q", "minimumRequests": 5}]},
        "anomaly.signals.extra[0].minimumRequests",
        "needs traffic",
    ),
}
"""What each value is of the right form, and still cannot work."""


@pytest.mark.parametrize("path,value,key,what", UNFIT.values(), ids=UNFIT.keys())
def test_refuses_what_cannot_work(configuration, path, value, key, what):
    assert what in configuration.set(path, value).problems()[key].what


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


@pytest.mark.parametrize(
    "path",
    [("gitops", "credentialsSecret"), ("anomaly", "existingSecret", "name")],
)
def test_a_secret_in_place_of_its_name_is_not_shown(configuration, path):
    configuration.tree["anomaly"]["existingSecret"] = {"name": "x", "entries": ["slack-webhook"]}
    assert "ghp_hunter2" not in report(configuration.set(path, "ghp_hunter2"))
    assert ".".join(path) in report(configuration)


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
    assert configuration.problems().keys() == {
        "chaos.schedules[0].fault.name",
        "chaos.schedules[1].fault.name",
    }


def test_refuses_one_name_for_a_schedule_and_a_workflow(configuration):
    configuration.add_workflow(name="api-pod-failure")
    assert {"chaos.schedules[0].fault.name", "chaos.workflows[0].name"} <= (
        configuration.problems().keys()
    )


@pytest.mark.parametrize("names,what", [(["one", "one"], "one"), (["entry", "two"], "entry")])
def test_refuses_a_step_name_that_is_taken(configuration, names, what):
    steps = [{"kind": "podFailure", "name": name, "target": "api"} for name in names]
    problem = configuration.add_workflow(steps=steps).problems()["chaos.workflows[0].steps"]
    assert problem.what.startswith(what)


def test_refuses_statuses_that_end_before_they_begin(configuration):
    health = {"url": "http://gateway/health", "statusCode": "299-200"}
    problems = configuration.add_workflow(health=health).problems()
    assert problems["chaos.workflows[0].health.statusCode"].what == "ends before it begins"


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


class TestIngress:
    SHOP: ClassVar = {"hosts": ["shop.example.com"]}

    def problem(self, configuration, service, ingress=None, key="services[0].ingress"):
        configuration.set(("mesh",), {"ingress": ingress or {}})
        for name, value in service.items():
            configuration.set(("services", 0, name), value)
        return configuration.problems()[key]

    def test_one_host_leads_to_one_service(self, configuration):
        configuration.set(("services", 1, "ingress"), self.SHOP)
        problem = self.problem(
            configuration, {"ingress": self.SHOP}, key="services[1].ingress.hosts[0]"
        )
        assert problem.what == "leads to web already"

    @pytest.mark.parametrize(
        "route, lost",
        [
            ({"canary": {}}, "the canary of"),
            ({"retries": {"attempts": 0}}, "the retries of"),
            ({"retries": {"retryOn": ["503"], "perTryTimeout": "1s"}}, "the retries of"),
        ],
    )
    def test_what_gateway_api_cannot_keep_is_not_dropped_silently(self, configuration, route, lost):
        problem = self.problem(configuration, {"ingress": self.SHOP, "route": route})
        assert lost in problem.what
        assert "istioGateway" in problem.allowed

    def test_at_istios_own_gateway_it_holds(self, configuration):
        configuration.set(("mesh",), {"ingress": {"kind": "istioGateway", "name": "public"}})
        configuration.set(("services", 0, "ingress"), self.SHOP)
        configuration.set(("services", 0, "route"), {"canary": {}})
        assert configuration.read().services[0].ingress.hosts == ("shop.example.com",)

    def test_istios_own_gateway_has_its_own_certificates(self, configuration):
        service = {"ingress": {**self.SHOP, "tls": {"secretName": "x"}}}
        key = "services[0].ingress.tls"
        problem = self.problem(configuration, service, {"kind": "istioGateway"}, key)
        assert "istio-ingress/istio-ingress" in problem.what

    @pytest.mark.parametrize(
        "gateway, tls, says",
        [
            ({"kind": "controller"}, {"secretName": "x"}, "Ingresses"),
            ({"install": False}, {"secretName": "x"}, "listeners of the gateway"),
            ({}, None, "no certificate"),
        ],
    )
    def test_nobody_is_sent_to_https_where_that_cannot_be_said(
        self, configuration, gateway, tls, says
    ):
        service = {"ingress": {**self.SHOP, "tls": tls, "httpsRedirect": True}}
        key = "services[0].ingress.httpsRedirect"
        assert says in self.problem(configuration, service, gateway, key).what

    @pytest.mark.parametrize(
        "gateway, tls", [({}, {"secretName": "x"}), ({"kind": "istioGateway"}, None)]
    )
    def test_where_it_can_callers_are(self, configuration, gateway, tls):
        configuration.set(("mesh",), {"ingress": gateway})
        way_in = {**self.SHOP, "tls": tls, "httpsRedirect": True}
        configuration.set(("services", 0, "ingress"), way_in)
        assert configuration.read().services[0].ingress.https_redirect

    def test_a_gateway_that_the_stack_makes_lives_apart(self, configuration):
        configuration.set(("services", 0, "ingress"), self.SHOP)
        configuration.set(("mesh",), {"ingress": {"namespace": "chaos-mesh"}})
        assert configuration.problems()["chaos.namespace"].what == "is where the gateway runs"


class TestControlPlanes:
    NEWER: ClassVar = {
        "revision": "1-32",
        "imageTag": "1.32.0",
        "istiodChart": {"version": "1.32.0"},
    }

    @pytest.mark.parametrize(
        "mesh, key, says",
        [
            ({"next": {**NEWER, "namespaces": ["brsa"]}}, "mesh.next.namespaces[0]", "brisa"),
            ({"next": NEWER, "revision": "1-32"}, "mesh.next.revision", "there already"),
            ({"next": {**NEWER, "revision": "default"}}, "mesh.next.revision", "there already"),
            ({"next": NEWER, "install": False}, "mesh.next", "installs"),
            ({"podSecurity": "restricted"}, "mesh.podSecurity", "set cni"),
            ({"podSecurity": "baseline"}, "mesh.podSecurity", "set cni"),
            ({"dataPlane": "ambient"}, "mesh.dataPlane", ""),
            ({"cni": {"namespace": "istio-system"}}, "mesh.cni.namespace", "where Istio runs"),
        ],
    )
    def test_what_would_not_work_is_refused(self, configuration, mesh, key, says):
        problem = configuration.set(("mesh",), mesh).problems()[key]
        assert says in problem.what

    @pytest.mark.parametrize(
        "mesh",
        [
            {"next": {**NEWER, "namespaces": ["brisa"]}},
            {"next": NEWER, "revision": "1-31"},
            {"podSecurity": "restricted", "cni": {}},
            {"podSecurity": "restricted", "install": False},
            {"install": False, "revision": "stable"},
        ],
    )
    def test_what_works_is_taken(self, configuration, mesh):
        assert configuration.set(("mesh",), mesh).read().mesh.data_plane == "sidecar"


class TestHealth:
    GATEWAY: ClassVar = "http://istio-ingress.istio-ingress.svc.cluster.local/health"
    SHOP: ClassVar = {"hosts": ["shop.example.com"]}
    PLAIN: ClassVar = {"reason": "x", "until": "2027-01-31", "sources": ["10.0.0.0/8"]}

    @pytest.mark.parametrize(
        "url, ingress, says, allowed",
        [
            (GATEWAY, None, "the gateway by its own name", "mesh.ingress.install false"),
            (GATEWAY, SHOP, "the gateway by its own name", "shop.example.com"),
            ("http://web.brisa:3000/health", None, "nothing but mutual TLS", "gateway"),
            ("http://web.brisa.svc/health", None, "nothing but mutual TLS", "port 80 of web"),
        ],
    )
    def test_an_address_that_cannot_answer_is_refused(
        self, configuration, url, ingress, says, allowed
    ):
        configuration.set(("services", 0, "ingress"), ingress)
        configuration.set(("chaos", "health"), {"url": url})
        problem = configuration.problems()["chaos.health.url"]
        assert says in problem.what
        assert allowed in problem.allowed

    def test_so_is_that_of_one_experiment(self, configuration):
        problems = configuration.add_workflow(health={"url": self.GATEWAY}).problems()
        assert "chaos.workflows[0].health.url" in problems

    @pytest.mark.parametrize(
        "url, place, value",
        [
            (GATEWAY, ("mesh",), {"ingress": {"install": False}}),
            (GATEWAY, ("mesh",), {"ingress": {"kind": "istioGateway"}}),
            ("http://shop.example.com/health", ("services", 0, "ingress"), SHOP),
            ("http://web.brisa:3000/health", ("services", 0, "plainText"), PLAIN),
            ("http://web.brisa:3000/health", ("mesh",), {"mtls": {"mode": "PERMISSIVE"}}),
            ("http://detector.anomaly-detection:8080/health", ("mesh",), {}),
        ],
    )
    def test_one_that_may_is_taken(self, configuration, url, place, value):
        configuration.set(place, value).set(("chaos", "health"), {"url": url})
        assert configuration.read().chaos.health.url == url


def test_refuses_one_name_for_two_images(configuration):
    for place, digit in ((0, "a"), (1, "b")):
        pin = {"name": "app", "digest": f"sha256:{digit * 64}"}
        configuration.set(("services", place, "image"), pin)
    problem = configuration.problems()["services[1].image"]
    assert problem.what.startswith("pins app to another image than web does")


def test_refuses_a_wait_for_services_that_come_later(configuration):
    configuration.set(
        ("gitops", "kustomizations"),
        [
            {"name": "a", "path": "a"},
            {"name": "b", "path": "b", "dependsOn": ["a"], "services": False},
            {"name": "c", "path": "c", "dependsOn": ["b"]},
        ],
    )
    problem = configuration.problems()["gitops.kustomizations[2].services"]
    assert problem.what == "a, which must be ready first, waits for the services too"


def test_refuses_two_kustomizations_of_one_path(configuration):
    entries = [{"name": name, "path": path} for name, path in (("a", "infra"), ("b", "./infra/"))]
    assert configuration.set(("gitops", "kustomizations"), entries).problems().keys() == {
        "gitops.kustomizations[0].path",
        "gitops.kustomizations[1].path",
    }


def test_refuses_a_run_that_is_longer_than_its_window(configuration):
    configuration.set(("chaos", "window"), {"opens": "03:00", "closes": "03:05"})
    configuration.set(("chaos", "schedules", 0, "fault", "duration"), "6m")
    assert "is not inside the window" in configuration.problems()["chaos.schedules[0].cron"].what


def places(node, path=()):
    if path:
        yield path
    children = node.items() if isinstance(node, dict) else ()
    for step, child in enumerate(node) if isinstance(node, list) else children:
        yield from places(child, (*path, step))


def report(configuration):
    try:
        configuration.read()
    except SettingsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "value",
    [None, True, -1, 1.5, 10**40, "", "X y", "\x00", "5s", "a" * 300, [], {}, [None], {"x": 1}],
    ids=lambda value: repr(value)[:10],
)
def test_whatever_stands_anywhere_is_taken_or_told_in_lines_of_readable_length(value):
    for path in places(Configuration().add_workflow().tree):
        lines = report(Configuration().add_workflow().set(path, value)).splitlines()
        assert max(map(len, lines), default=0) < 1000


def test_refuses_an_experiment_that_nobody_watches(configuration):
    problems = configuration.remove(("chaos", "health")).problems()
    assert problems["chaos.schedules[0].health"].what == "nobody watches it"


def test_refuses_steps_that_together_leave_no_pod_alone(configuration):
    steps = [{"kind": "podFailure", "name": name, "target": "api"} for name in ("one", "two")]
    problems = configuration.add_workflow(steps=steps, order="parallel").problems()
    assert "2 pods of api at once" in problems["chaos.workflows[0].order"].what


def test_refuses_a_peer_whose_namespace_is_closed_to_experiments(configuration):
    configuration.tree["services"].append(
        {"name": "ledger", "namespace": "bank", "port": 80, "callers": ["api"]}
    )
    fault = {"kind": "networkLoss", "name": "x", "target": "api", "peer": "ledger"}
    problems = configuration.set(("chaos", "schedules", 0, "fault"), fault).problems()
    assert "does not see it" in problems["chaos.schedules[0].fault.peer"].what
