"""The rules in a real API server, against the real CRDs of Istio, Chaos Mesh and Flux."""

import json
import subprocess
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from ops.chaos.mesh_fault import FILTER, MeshFault, proxy_patch
from policy.admission import Scope, manifests, plural
from policy.stack import stack_configuration
from sandbox.toolchain.sources import CHAOS_MESH, FLUX_OPERATOR, ISTIO, module_folder
from tests.conftest import RunningSandbox, run_sandbox
from tests.policy.views import GONE, edited, load
from tests.program.stacks import built, configuration, run
from vocabulary.kinds import CHAOS_EXPERIMENTS, Kind

pytestmark = pytest.mark.cluster

FLUX_CRDS = ("source-controller", "kustomize-controller", "helm-controller")
CONTROLLER = "system:serviceaccount:chaos-mesh:chaos-controller-manager"
PATIENCE = 90
CREATED, REFUSAL = 201, 422

OBJECTS = """\
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default-mtls, namespace: brisa}
spec: {selector: {matchLabels: {app: api}}, mtls: {mode: STRICT}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: api, namespace: brisa}
spec:
  action: ALLOW
  rules: [{from: [{source: {principals: [cluster.local/ns/brisa/sa/web]}}]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: brisa}
spec:
  hosts: [api]
  http:
    - timeout: 10s
      retries: {attempts: 3, perTryTimeout: 2s, backoff: 100ms}
      route:
        - {destination: {host: api, subset: stable}, weight: 90}
        - {destination: {host: api, subset: canary}, weight: 10}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api, namespace: brisa}
spec:
  host: api
  trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}
  subsets: [{name: stable, labels: {version: stable}}]
---
apiVersion: telemetry.istio.io/v1
kind: Telemetry
metadata: {name: default, namespace: brisa}
spec: {metrics: [{providers: [{name: prometheus}]}]}
---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata:
  name: request-id
  namespace: brisa
  labels: {app.kubernetes.io/part-of: brisa-platform, app.kubernetes.io/managed-by: pulumi}
spec: {configPatches: []}
---
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: legacy, namespace: brisa}
spec: {address: 192.0.2.7, labels: {machine: legacy}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: payments, namespace: brisa}
spec:
  hosts: [api.payments.example]
  ports: [{number: 443, name: tls, protocol: TLS}]
  resolution: DNS
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: brisa}
spec:
  gatewayClassName: istio
  listeners:
    - name: http
      port: 80
      protocol: HTTP
      allowedRoutes: {namespaces: {from: Same}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: api, namespace: brisa}
spec:
  parentRefs: [{name: public}]
  hostnames: [shop.example.com]
  rules: [{backendRefs: [{name: api, port: 80}], timeouts: {request: 10s}}]
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: api, namespace: brisa}
spec:
  ingressClassName: nginx
  rules:
    - host: shop.example.com
      http:
        paths: [{path: /, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}]
---
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata:
  name: api
  namespace: brisa
  labels: {platform.brisa/environment: production}
  annotations: {platform.brisa/replicas: "api=3,web=2"}
spec:
  schedule: CRON_TZ=UTC 0 2 * * 1-5
  type: PodChaos
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 60
  historyLimit: 5
  podChaos:
    action: pod-failure
    mode: one
    duration: 30s
    selector: {namespaces: [brisa], labelSelectors: {app: api}}
---
apiVersion: chaos-mesh.org/v1alpha1
kind: PodChaos
metadata:
  name: api-x
  namespace: brisa
  ownerReferences:
    - {apiVersion: chaos-mesh.org/v1alpha1, kind: Schedule, name: api, uid: "1", controller: true}
spec:
  action: pod-failure
  mode: one
  duration: 30s
  selector: {namespaces: [brisa], labelSelectors: {app: api}}
---
apiVersion: chaos-mesh.org/v1alpha1
kind: StressChaos
metadata:
  name: api-y
  namespace: brisa
  ownerReferences:
    - {apiVersion: chaos-mesh.org/v1alpha1, kind: WorkflowNode, name: a, uid: "1", controller: true}
spec:
  mode: one
  duration: 3m
  containerNames: [api]
  stressors: {cpu: {workers: 1, load: 80}}
  selector: {namespaces: [brisa], labelSelectors: {app: api}}
---
apiVersion: chaos-mesh.org/v1alpha1
kind: Workflow
metadata:
  name: api-z
  namespace: brisa
  annotations: {platform.brisa/abortable: "true"}
  ownerReferences:
    - {apiVersion: chaos-mesh.org/v1alpha1, kind: Schedule, name: api, uid: "1", controller: true}
spec:
  entry: rest
  templates: [{name: rest, templateType: Suspend, deadline: 1m}]
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: infrastructure, namespace: brisa}
spec: {interval: 5m0s, url: "https://github.com/example/x", ref: {branch: main}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: production, namespace: brisa}
spec:
  interval: 5m0s
  path: infra
  prune: true
  wait: true
  timeout: 3m0s
  sourceRef: {kind: GitRepository, name: infrastructure}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: detector, namespace: brisa, labels: {app.kubernetes.io/part-of: brisa-platform}}
spec:
  schedule: "*/10 * * * *"
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 120
  jobTemplate:
    spec:
      activeDeadlineSeconds: 300
      template:
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          securityContext: {runAsNonRoot: true}
          containers:
            - name: detector
              image: IMAGE
              resources:
                requests: {cpu: 100m, memory: 64Mi}
                limits: {memory: 64Mi}
              securityContext:
                allowPrivilegeEscalation: false
                capabilities: {drop: [ALL]}
"""
IMAGE = f"example/detector@sha256:{'a' * 64}"
EXAMPLES = {m["kind"]: m for m in load(OBJECTS.replace("IMAGE", IMAGE))}
POD = "spec.jobTemplate.spec.template.spec"

CONTAINER = EXAMPLES["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
INIT = {**CONTAINER, "name": "init", "securityContext": {"privileged": False}}


def step(**changes):
    """A workflow step that is a fault."""
    fault = {**EXAMPLES["Schedule"]["spec"]["podChaos"], **changes}
    fault.pop("duration")
    if "selector" in changes:
        fault["selector"] = {**changes["selector"], "labelSelectors": {"app": "api"}}
    return {"name": "rest", "templateType": "PodChaos", "deadline": "30s", "podChaos": fault}


def nested(**changes):
    """A workflow step that is a schedule."""
    fault = {**EXAMPLES["Schedule"]["spec"]["podChaos"], **changes}
    schedule = {"schedule": "0 2 * * 1", "type": "PodChaos", "podChaos": fault}
    return {"name": "rest", "templateType": "Schedule", "deadline": "30s", "schedule": schedule}


def scheduled(kind, **fault):
    """The changes that make the example a schedule of another kind."""
    common = {**EXAMPLES["Schedule"]["spec"]["podChaos"], "containerNames": ["api"]}
    del common["action"]
    key = CHAOS_EXPERIMENTS[kind]
    return {"spec.type": kind, "spec.podChaos": GONE, f"spec.{key}": {**common, **fault}}


def network(**changes):
    """A fault of the network, with another side."""
    fault = EXAMPLES["Schedule"]["spec"]["podChaos"] | {"action": "delay", "direction": "to"}
    return {**fault, "delay": {"latency": "200ms"}, **changes}


REPLICAS = '["platform.brisa/replicas"]'
PATCH = "spec.configPatches[0].patch"
FILTERS = f"{PATCH}.value.typed_per_filter_config"
ENDING = {
    "metadata.labels": GONE,
    "metadata.ownerReferences": [
        {"apiVersion": "batch/v1", "kind": "Job", "name": "timer", "uid": "1"}
    ],
    "spec": proxy_patch(
        MeshFault("web", "api", timedelta(seconds=1), None, 50, timedelta(minutes=1)),
        80,
        {"namespace": "brisa"},
    )["spec"],
}
OTHERS = {"namespaces": ["brisa"], "labelSelectors": {"app": "web"}}
REFUSED = {
    "mesh-mtls-strict": [
        ("PeerAuthentication", {"spec.mtls.mode": "PERMISSIVE"}),
        ("PeerAuthentication", {"spec.mtls": GONE}),
        ("PeerAuthentication", {"spec.portLevelMtls": {"8080": {"mode": "DISABLE"}}}),
        (
            "PeerAuthentication",
            {"apiVersion": "security.istio.io/v1beta1", "spec.mtls.mode": "DISABLE"},
        ),
    ],
    "mesh-no-allow-all": [
        ("AuthorizationPolicy", {"spec.rules": [{}]}),
        ("AuthorizationPolicy", {"spec.rules[0].from[0].source.principals": ["*"]}),
        ("AuthorizationPolicy", {"spec.rules[0].from[0].source.principals": ["*/sa/default"]}),
        ("AuthorizationPolicy", {"spec.rules[0].from[0].source.principals": ["cluster.local/*"]}),
        ("AuthorizationPolicy", {"spec.rules": [{"from": [{"source": {"ipBlocks": ["::/0"]}}]}]}),
    ],
    "mesh-no-deny-all": [
        ("AuthorizationPolicy", {"spec": {"action": "DENY", "rules": [{}]}}),
    ],
    "mesh-no-lasting-fault": [
        (
            "VirtualService",
            {"spec.http[0].fault": {"abort": {"httpStatus": 500, "percentage": {"value": 100}}}},
        ),
        (
            "VirtualService",
            {"spec.http[0].fault": {"delay": {"fixedDelay": "5s", "percentage": {"value": 1}}}},
        ),
    ],
    "mesh-telemetry-on": [
        ("Telemetry", {"spec.metrics[0].overrides": [{"disabled": True}]}),
        (
            "Telemetry",
            {
                "spec.metrics[0].overrides": [
                    {"match": {"metric": "REQUEST_COUNT"}, "disabled": True}
                ]
            },
        ),
    ],
    "mesh-envoy-filter-ours": [
        ("EnvoyFilter", {"metadata.labels": GONE}),
        ("EnvoyFilter", {**ENDING, "metadata.ownerReferences": []}),
        ("EnvoyFilter", {**ENDING, f"{PATCH}.operation": "REMOVE"}),
        ("EnvoyFilter", {**ENDING, f"{PATCH}.value.name": "envoy.filters.http.rbac"}),
        ("EnvoyFilter", {**ENDING, f"{FILTERS}.rbac": {}}),
        (
            "EnvoyFilter",
            {**ENDING, f'{FILTERS}["{FILTER}"].delay.percentage.numerator': 100},
        ),
    ],
    "mesh-no-posing": [
        ("WorkloadEntry", {"spec.labels": {"app": "api"}}),
        ("ServiceEntry", {"spec.hosts": ["api"]}),
    ],
    "mesh-ingress-named": [
        ("Gateway", {"spec.listeners[0].allowedRoutes.namespaces.from": "All"}),
        ("HTTPRoute", {"spec.hostnames": GONE}),
        ("Ingress", {"spec.rules[0].host": GONE}),
        (
            "Ingress",
            {"spec.defaultBackend": {"service": {"name": "api", "port": {"number": 80}}}},
        ),
    ],
    "mesh-weights-sum-100": [
        ("VirtualService", {"spec.http[0].route[1].weight": 20}),
        ("VirtualService", {"spec.http[0].route[1].weight": GONE}),
    ],
    "mesh-retries-bounded": [
        ("VirtualService", {"spec.http[0].timeout": GONE}),
        ("VirtualService", {"spec.http[0].timeout": "6s"}),
    ],
    "mesh-breaker-opens": [
        (
            "DestinationRule",
            {"spec.trafficPolicy.portLevelSettings": [{"port": {"number": 80}}]},
        ),
        (
            "DestinationRule",
            {
                'metadata.annotations["platform.brisa/replicas"]': "api=3",
                "spec.trafficPolicy.outlierDetection.maxEjectionPercent": 10,
            },
        ),
    ],
    "mesh-consecutive-errors": [
        ("DestinationRule", {"spec.trafficPolicy.outlierDetection": {"consecutiveErrors": 5}}),
        (
            "DestinationRule",
            {"spec.subsets[0].trafficPolicy": {"outlierDetection": {"consecutiveErrors": 5}}},
        ),
    ],
    "chaos-only-schedules": [
        ("PodChaos", {"metadata.ownerReferences": GONE}),
        ("PodChaos", {"metadata.ownerReferences[0].kind": "Deployment"}),
        ("Workflow", {"metadata.ownerReferences": GONE}),
    ],
    "chaos-window": [
        ("Schedule", {"spec.schedule": "CRON_TZ=UTC 0 12 * * 1-5"}),
        ("Schedule", {"spec.schedule": "0 12 * * mon"}),
        ("Schedule", {"spec.schedule": "CRON_TZ=UTC * 2 * * 1-5"}),
        ("Schedule", {"spec.schedule": "CRON_TZ=UTC */5 2 * * 1-5"}),
        ("Schedule", {"spec.schedule": "CRON_TZ=UTC 0 * * * 1-5"}),
        ("Schedule", {"spec.schedule": "CRON_TZ=UTC 0 2-9 * * 1-5"}),
        ("Schedule", {"spec.schedule": "CRON_TZ=UTC 0 2 * * *"}),
        ("Schedule", {"spec.schedule": "CRON_TZ=UTC 0 2 * * sat"}),
        ("Schedule", {"spec.schedule": "CRON_TZ=Europe/Berlin * 2 * * 1-5"}),
    ],
    "chaos-bounds": [
        ("Schedule", scheduled("IOChaos", action="latency", volumePath="/", percent=50)),
        ("Schedule", scheduled("IOChaos", action="latency", volumePath="//proc/", percent=50)),
        ("Schedule", scheduled("IOChaos", volumePath="/data", action="fault", errno=5)),
        (
            "Schedule",
            scheduled("IOChaos", action="latency", volumePath="/data", percent=5, delay="1h"),
        ),
        ("Schedule", scheduled("TimeChaos", timeOffset="-8760h")),
        ("Schedule", scheduled("DNSChaos", action="error")),
        ("Schedule", scheduled("DNSChaos", action="error", patterns=["*"])),
        ("Schedule", scheduled("NetworkChaos", action="loss", loss={"loss": "100"})),
        ("Schedule", scheduled("NetworkChaos", action="delay", delay={"latency": "1m"})),
        ("Schedule", scheduled("NetworkChaos", action="partition")),
        (
            "Schedule",
            scheduled(
                "NetworkChaos",
                action="loss",
                loss={"loss": "5"},
                externalTargets=["example.com"],
            ),
        ),
        (
            "Schedule",
            scheduled("IOChaos", action="mistake", volumePath="/data", percent=5),
        ),
        (
            "Schedule",
            scheduled("JVMChaos", action="ruleData", ruleData="x", **{"class": "a", "method": "b"}),
        ),
        (
            "Schedule",
            scheduled("JVMChaos", action="latency", latency=9000, **{"class": "a", "method": "b"}),
        ),
    ],
    "chaos-selector": [
        ("PodChaos", {"spec.selector": {}}),
        ("PodChaos", {"spec.selector.labelSelectors": GONE}),
        ("StressChaos", {"spec.selector.namespaces": []}),
        ("Schedule", {"spec.podChaos.selector.labelSelectors": GONE}),
        ("Schedule", {"spec.podChaos.selector.nodes": ["node-1"]}),
        (
            "Schedule",
            {
                "spec.type": "NetworkChaos",
                "spec.podChaos": GONE,
                "spec.networkChaos": network(target={"mode": "one", "selector": {}}),
            },
        ),
    ],
    "chaos-namespaces": [
        ("PodChaos", {"spec.selector.namespaces": ["kube-system"]}),
        ("StressChaos", {"spec.selector.pods": {"flux-system": ["x"]}}),
        ("Schedule", {"spec.podChaos.selector.namespaces": ["istio-ingress"]}),
        ("Workflow", {"spec.templates[0]": step(selector={"namespaces": ["kube-system"]})}),
        (
            "Schedule",
            {
                "spec.type": "NetworkChaos",
                "spec.podChaos": GONE,
                "spec.networkChaos": network(
                    target={
                        "mode": "one",
                        "selector": {
                            "namespaces": ["kube-system"],
                            "labelSelectors": {"k8s-app": "kube-dns"},
                        },
                    }
                ),
            },
        ),
    ],
    "chaos-blast-radius": [
        ("Schedule", {"metadata.annotations": GONE}),
        ("Schedule", {f"metadata.annotations{REPLICAS}": "api=1"}),
        ("Schedule", {f"metadata.annotations{REPLICAS}": "web=3"}),
        ("Schedule", {f"metadata.annotations{REPLICAS}": "api=many"}),
        (
            "Schedule",
            {"spec.podChaos.mode": "fixed", "spec.podChaos.value": "3"},
        ),
        ("PodChaos", {"spec.mode": "all"}),
        ("PodChaos", {"spec.mode": "fixed", "spec.value": "9"}),
        ("StressChaos", {"spec.mode": "fixed-percent", "spec.value": "80"}),
        ("StressChaos", {"spec.mode": "fixed-percent", "spec.value": "50%"}),
        (
            "Schedule",
            {
                "spec.type": "NetworkChaos",
                "spec.podChaos": GONE,
                "spec.networkChaos": network(
                    direction="both", target={"mode": "all", "selector": OTHERS}
                ),
            },
        ),
        ("Schedule", {"spec.podChaos.mode": "all"}),
        ("Workflow", {"spec.templates[0]": step(mode="all")}),
        ("Workflow", {"spec.templates[0]": nested(mode="all")}),
        (
            "Schedule",
            {"spec.workflow": {"entry": "rest", "templates": [step(mode="all")]}},
        ),
    ],
    "chaos-watched": [
        ("Schedule", {"metadata.name": "not-exempt"}),
        (
            "Schedule",
            {
                "metadata.name": "not-exempt",
                "spec.type": "Workflow",
                "spec.podChaos": GONE,
                "spec.workflow": {"entry": "rest", "templates": [step()]},
            },
        ),
    ],
    "chaos-duration": [
        ("PodChaos", {"spec.duration": GONE}),
        ("PodChaos", {"spec.duration": "-5m"}),
        ("PodChaos", {"spec.duration": "20m"}),
        ("Schedule", {"spec.podChaos.duration": GONE}),
    ],
    "chaos-containers": [
        ("StressChaos", {"spec.containerNames": GONE}),
        ("StressChaos", {"spec.containerNames": ["api", "istio-proxy"]}),
    ],
    "chaos-no-remote-cluster": [
        ("PodChaos", {"spec.remoteCluster": "staging"}),
        ("Schedule", {"spec.podChaos.remoteCluster": "staging"}),
    ],
    "chaos-schedule-limits": [
        ("Schedule", {"spec.concurrencyPolicy": "Allow"}),
        ("Schedule", {"spec.startingDeadlineSeconds": GONE}),
        ("Schedule", {"spec.historyLimit": GONE}),
        ("Schedule", {"spec.schedule": "@every 2h"}),
        ("Schedule", {"spec.schedule": "0 0 2 * * 1-5"}),
    ],
    "chaos-environment-lock": [
        ("Schedule", {"metadata.labels": GONE}),
        ("Schedule", {'metadata.labels["platform.brisa/environment"]': "staging"}),
    ],
    "chaos-workflow-steps": [
        ("Workflow", {"spec.templates[0].deadline": GONE}),
        ("Workflow", {"spec.templates[0].templateType": "Task"}),
        (
            "Schedule",
            {"spec.workflow": {"entry": "a", "templates": [{"name": "a", "templateType": "Task"}]}},
        ),
    ],
    "flux-source-scheme": [
        ("GitRepository", {"spec.url": "http://github.com/x/y"}),
        ("GitRepository", {"spec.url": "https://token@github.com/x/y"}),
    ],
    "flux-interval": [
        ("GitRepository", {"spec.interval": "10s"}),
        ("Kustomization", {"spec.interval": "24h"}),
    ],
    "flux-prune-and-health": [
        ("Kustomization", {"spec.prune": False}),
        ("Kustomization", {"spec.wait": GONE}),
    ],
    "pods-image-built": [
        ("CronJob", {f"{POD}.containers[0].image": f"x:1@sha256:{'0' * 64}"}),
    ],
    "pods-image-digest": [("CronJob", {f"{POD}.containers[0].image": "python:3.11"})],
    "pods-restricted": [
        ("CronJob", {f"{POD}.securityContext": GONE}),
        ("CronJob", {f"{POD}.containers[0].securityContext": GONE}),
        ("CronJob", {f"{POD}.initContainers": [INIT]}),
    ],
    "pods-resources": [("CronJob", {f"{POD}.containers[0].resources.limits": GONE})],
    "pods-service-account-token": [("CronJob", {f"{POD}.automountServiceAccountToken": GONE})],
    "pods-cronjob-limits": [
        ("CronJob", {"spec.concurrencyPolicy": "Allow"}),
        ("CronJob", {"spec.jobTemplate.spec.activeDeadlineSeconds": GONE}),
    ],
}
BANNED = {
    "apiVersion": "chaos-mesh.org/v1alpha1",
    "kind": "KernelChaos",
    "metadata": EXAMPLES["PodChaos"]["metadata"],
    "spec": {
        "mode": "one",
        "duration": "30s",
        "failKernRequest": {"callchain": [], "failtype": 0},
        "selector": {"namespaces": ["brisa"], "labelSelectors": {"app": "api"}},
    },
}


class Guarded:
    """A control plane with the CRDs and the policies of production."""

    def __init__(self, running: RunningSandbox) -> None:
        self.running = running

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any],
        *,
        user: str = "",
        **parameters: str,
    ) -> tuple[int, str]:
        kind = "application/apply-patch+yaml" if method == "PATCH" else "application/json"
        headers = {"Content-Type": kind}
        if user:
            headers["Impersonate-User"] = user
        answer = self.running.client.request(
            method,
            f"{self.running.url}{path}",
            json=body,
            headers=headers,
            params=parameters,
            timeout=60,
        )
        return answer.status_code, answer.text

    def path(self, manifest: dict[str, Any]) -> str:
        kind = Kind(manifest["apiVersion"], manifest["kind"])
        namespace = manifest["metadata"].get("namespace")
        where = f"/namespaces/{namespace}" if namespace else ""
        group = "apis" if "/" in kind.api_version else "api"
        return f"/{group}/{kind.api_version}{where}/{plural(kind)}"

    def create(self, manifest: dict[str, Any], **parameters: str) -> tuple[int, str]:
        """Create it as Chaos Mesh would, or an administrator."""
        owned = "ownerReferences" in manifest["metadata"]
        user = CONTROLLER if owned else ""
        return self.send("POST", self.path(manifest), manifest, user=user, **parameters)

    def apply(self, manifest: dict[str, Any]) -> None:
        status, text = self.send(
            "PATCH",
            f"{self.path(manifest)}/{manifest['metadata']['name']}",
            manifest,
            fieldManager="test",
            force="true",
        )
        assert status in (200, 201), text


def crds(running: RunningSandbox) -> Iterator[dict[str, Any]]:
    go = running.toolchain.go
    flux = module_folder(go, FLUX_OPERATOR)
    files = [
        module_folder(go, ISTIO) / "manifests/charts/base/files/crd-all.gen.yaml",
        module_folder(go, ISTIO) / "tests/integration/pilot/testdata/gateway-api-crd.yaml",
        *sorted((module_folder(go, CHAOS_MESH) / "config/crd/bases").glob("*.yaml")),
        *(flux / f"config/data/flux/v2.9.5/{name}.yaml" for name in FLUX_CRDS),
        *sorted((flux / "config/crd/bases").glob("*.yaml")),
    ]
    for file in files:
        for document in yaml.load_all(file.read_text(), yaml.CSafeLoader):
            if document and document["kind"] == "CustomResourceDefinition":
                yield document


def wait_for(what: str, condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE} s for {what}"
        time.sleep(0.5)


def install(cluster: Guarded) -> None:
    """CRDs, a namespace, the controller's rights, and then the policies."""
    for definition in crds(cluster.running):
        cluster.apply(definition)
    for name in ("brisa", "theirs", "istio-system"):
        cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    rights = ("--clusterrole=cluster-admin", f"--user={CONTROLLER}")
    cluster.running.kubectl("create", "clusterrolebinding", "chaos-mesh", *rights)
    cluster.running.wait_for_definitions()
    for manifest in policies():
        cluster.apply(manifest)
    bad = edited([EXAMPLES["PeerAuthentication"]], {"spec.mtls.mode": "DISABLE"})[0]
    wait_for("the policies", lambda: cluster.create(bad, dryRun="All")[0] == REFUSAL)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, toolchain):
    for running in run_sandbox(tmp_path_factory.mktemp("admission") / "run", toolchain):
        cluster = Guarded(running)
        install(cluster)
        yield cluster


SCOPE = Scope(("brisa", "brisa-production"), "istio-system")
ENVIRONMENT = {"brisa-platform:environment": "production"}


def policies():
    # The example is a bare fault, so that its places are short; one rule alone is about that.
    bare = [
        {"resource": f"Schedule/{home}/api", "until": "2026-12-31", "reason": "the example"}
        for home in ("brisa", "theirs")
    ]
    production = stack_configuration("prod", ENVIRONMENT)
    accounts = {"accounts": {"brisa/api": "api", "brisa/web": "web"}}
    given = {
        **production,
        "chaos-watched": {"exempt": bare},
        "mesh-no-posing": accounts,
        "mesh-proxies-kept": {"catalogue": ["brisa", "brisa-production"]},
        "pods-behind-proxy": accounts,
    }
    return manifests(given, SCOPE, "Deny", date(2026, 11, 23))


def fits_the_schemas(guarded, manifests):
    """The API server has nothing against the expressions of policies."""
    names = [m["metadata"]["name"] for m in manifests if not m["kind"].endswith("Binding")]
    base = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"

    def checked(name):
        return "typeChecking" in guarded.running.get(f"{base}/{name}").get("status", {})

    for name in names:
        wait_for(f"the type check of {name}", lambda name=name: checked(name))
    warnings = {
        name: guarded.running.get(f"{base}/{name}")["status"]["typeChecking"] for name in names
    }
    assert {name: w for name, w in warnings.items() if w.get("expressionWarnings")} == {}


def test_every_policy_fits_the_schemas_of_what_it_judges(guarded):
    fits_the_schemas(guarded, policies())


WELCOME = {
    "everybody on the other side, who loses nothing": (
        "Schedule",
        {
            "spec.type": "NetworkChaos",
            "spec.podChaos": GONE,
            "spec.networkChaos": network(target={"mode": "all", "selector": OTHERS}),
        },
    ),
    "a fault of the mesh that ends": ("EnvoyFilter", ENDING),
    "a slow Java method": (
        "Schedule",
        scheduled("JVMChaos", action="latency", latency=200, **{"class": "a", "method": "b"}),
    ),
    "several hours and days": ("Schedule", {"spec.schedule": "30 2-4/2,5 * * mon,WED-thu"}),
    "a zone of its own": ("Schedule", {"spec.schedule": "CRON_TZ=Asia/Tokyo 0 12 * * mon"}),
    "a day of the month": ("Schedule", {"spec.schedule": "CRON_TZ=UTC 0 2 15 * *"}),
    "a path that is open to all": (
        "AuthorizationPolicy",
        {"spec.rules": [{"to": [{"operation": {"paths": ["/healthz"]}}]}]},
    ),
    "whoever has a valid token": (
        "AuthorizationPolicy",
        {"spec.rules": [{"from": [{"source": {"requestPrincipals": ["*"]}}]}]},
    ),
    "a condition on a claim": (
        "AuthorizationPolicy",
        {"spec.rules": [{"when": [{"key": "request.auth.claims[group]", "values": ["staff"]}]}]},
    ),
}


@pytest.mark.parametrize("kind, changes", WELCOME.values(), ids=WELCOME.keys())
def test_what_harms_nobody_is_accepted_among_services_too(guarded, kind, changes):
    status, text = guarded.create(edited([EXAMPLES[kind]], changes)[0], dryRun="All")
    assert status == CREATED, text


@pytest.mark.parametrize("kind", EXAMPLES)
def test_what_complies_is_accepted(guarded, kind):
    status, text = guarded.create(EXAMPLES[kind], dryRun="All")
    assert status == CREATED, text


def resources_of(manifest):
    """The resources that a policy judges."""
    constraints = manifest["spec"].get("matchConstraints", {"resourceRules": []})
    return [name for rule in constraints["resourceRules"] for name in rule["resources"]]


CASES = [(rule, kind, changes) for rule, cases in REFUSED.items() for kind, changes in cases]


@pytest.mark.parametrize(
    "rule, kind, changes", CASES, ids=[f"{rule}-{kind}" for rule, kind, _ in CASES]
)
def test_what_breaks_a_rule_is_refused(guarded, rule, kind, changes):
    status, text = guarded.create(edited([EXAMPLES[kind]], changes)[0], dryRun="All")
    assert status == REFUSAL, text
    assert f"{rule}: " in text, text


THERE_ALREADY = 409
"""An answer that comes after admission."""


def is_home(manifest):
    return manifest["kind"] == "Namespace"


def test_nothing_that_production_consists_of_is_refused(guarded):
    judged = {name for manifest in policies() for name in resources_of(manifest)}
    emitted = [item.inputs for item in run("prod", built("prod")).objects if "kind" in item.inputs]
    mine = [m for m in emitted if plural(Kind(m["apiVersion"], m["kind"])) in judged]
    assert {"Schedule", "VirtualService", "CronJob"} <= {m["kind"] for m in mine}
    homes = {m["metadata"].get("namespace") for m in mine} - {None}
    namespaces = {
        name: {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        for name in homes
    }
    for each in {**namespaces, **{m["metadata"]["name"]: m for m in mine if is_home(m)}}.values():
        guarded.apply(each)
    answers = {
        f"{m['kind']} {m['metadata']['name']}": guarded.create(m, dryRun="All")
        for m in mine
        if not is_home(m)
    }
    assert {name: answer for name, answer in answers.items() if answer[0] != CREATED} == {}


def test_what_a_workflow_step_creates_is_accepted(guarded):
    """Chaos Mesh copies neither duration nor labels into it."""
    owner = EXAMPLES["StressChaos"]["metadata"]["ownerReferences"]
    fault = edited([EXAMPLES["StressChaos"]], {"spec.duration": GONE})[0]
    changes = {"metadata.labels": GONE, "metadata.ownerReferences": owner}
    schedule = edited([EXAMPLES["Schedule"]], changes)[0]
    for manifest in (fault, schedule):
        status, text = guarded.create(manifest, dryRun="All")
        assert status == CREATED, text


def test_banned_kinds_are_refused(guarded):
    status, text = guarded.create(BANNED, dryRun="All")
    assert (status, "chaos-banned-kinds" in text) == (REFUSAL, True), text


def test_only_the_controller_may_create_an_experiment(guarded):
    manifest = EXAMPLES["PodChaos"]
    status, text = guarded.send("POST", guarded.path(manifest), manifest, dryRun="All")
    assert (status, "chaos-only-schedules" in text) == (REFUSAL, True), text


HARMLESS = [each for each in CASES if each[0] != "chaos-namespaces"]
"""What hits nobody of ours; in protected namespaces nobody may act at all."""


class TestOtherTeams:
    """Their objects are theirs, unless they reach into ours."""

    @pytest.mark.parametrize(
        "rule, kind, changes",
        HARMLESS,
        ids=[f"{rule}-{kind}" for rule, kind, _ in HARMLESS],
    )
    def test_what_breaks_a_rule_elsewhere_is_none_of_our_business(
        self, guarded, rule, kind, changes
    ):
        """The same objects, in a namespace of their own and about nothing of ours."""
        theirs = edited([EXAMPLES[kind]], changes)[0]
        text = json.dumps(theirs).replace('"brisa"', '"theirs"').replace("brisa-platform", "theirs")
        status, answer = guarded.create(json.loads(text), dryRun="All")
        assert status == CREATED, answer

    @pytest.mark.parametrize(
        "kind, changes, rule",
        [
            ("PodChaos", {"spec.mode": "all"}, "chaos-blast-radius"),
            ("Schedule", {"spec.podChaos.mode": "all"}, "chaos-blast-radius"),
            ("Schedule", {"spec.concurrencyPolicy": "Allow"}, "chaos-schedule-limits"),
            ("Workflow", {"spec.templates[0]": step(mode="all")}, "chaos-blast-radius"),
        ],
    )
    def test_faults_that_select_our_pods_are_judged_wherever_they_are(
        self, guarded, kind, changes, rule
    ):
        manifest = edited([EXAMPLES[kind]], {**changes, "metadata.namespace": "theirs"})[0]
        status, answer = guarded.create(manifest, dryRun="All")
        assert (status, rule in answer) == (REFUSAL, True), answer

    @pytest.mark.parametrize(
        "kind, changes, rule",
        [
            ("VirtualService", {"spec.hosts": ["api.brisa.svc.cluster.local"]}, "mesh-own-hosts"),
            ("VirtualService", {"spec.hosts": ["api.brisa"]}, "mesh-own-hosts"),
            ("VirtualService", {"spec.hosts": ["*"]}, "mesh-own-hosts"),
            ("DestinationRule", {"spec.host": "api.brisa.svc.cluster.local"}, "mesh-own-hosts"),
            (
                "DestinationRule",
                {"metadata.namespace": "istio-system", "spec.host": "*.local"},
                "mesh-own-hosts",
            ),
            (
                "PeerAuthentication",
                {
                    "metadata.namespace": "istio-system",
                    "spec.selector": GONE,
                    "spec.mtls.mode": "PERMISSIVE",
                },
                "mesh-mtls-strict",
            ),
            (
                "AuthorizationPolicy",
                {"metadata.namespace": "istio-system", "spec.rules": [{}]},
                "mesh-no-allow-all",
            ),
        ],
    )
    def test_what_the_whole_mesh_follows_is_judged(self, guarded, kind, changes, rule):
        manifest = edited([EXAMPLES[kind]], {"metadata.namespace": "theirs", **changes})[0]
        status, answer = guarded.create(manifest, dryRun="All")
        assert (status, rule in answer) == (REFUSAL, True), answer

    @pytest.mark.parametrize(
        "kind, changes",
        [
            ("VirtualService", {"spec.hosts": ["*"], "spec.gateways": ["istio-ingress/public"]}),
            ("VirtualService", {"spec.hosts": ["*"], "spec.exportTo": ["."]}),
            ("VirtualService", {"spec.hosts": ["api.theirs.svc.cluster.local"]}),
            ("VirtualService", {"spec.hosts": ["shop.example.com", "*.example.com"]}),
            ("DestinationRule", {"spec.host": "*.local"}),
            ("DestinationRule", {"spec.host": "*.theirs.svc.cluster.local"}),
        ],
    )
    def test_what_only_they_follow_is_not(self, guarded, kind, changes):
        manifest = edited([EXAMPLES[kind]], {"metadata.namespace": "theirs", **changes})[0]
        status, answer = guarded.create(manifest, dryRun="All")
        assert status == CREATED, answer

    def test_nobodys_fault_may_hit_the_cluster(self, guarded):
        changes = {
            "metadata.namespace": "theirs",
            "spec.podChaos.selector.namespaces": ["kube-system"],
        }
        manifest = edited([EXAMPLES["Schedule"]], changes)[0]
        status, answer = guarded.create(manifest, dryRun="All")
        assert (status, "chaos-namespaces" in answer) == (REFUSAL, True), answer

    def test_our_label_makes_an_object_ours(self, guarded):
        changes = {
            "metadata.namespace": "theirs",
            "metadata.labels": {"app.kubernetes.io/part-of": "brisa-platform"},
            "spec.prune": False,
        }
        manifest = edited([EXAMPLES["Kustomization"]], changes)[0]
        status, answer = guarded.create(manifest, dryRun="All")
        assert (status, "flux-prune-and-health" in answer) == (REFUSAL, True), answer

    def test_what_loses_our_label_is_judged_once_more(self, guarded):
        labels = {"app.kubernetes.io/part-of": "brisa-platform"}
        changes = {"metadata.namespace": "theirs", "metadata.name": "ours"}
        ours = edited([EXAMPLES["Kustomization"]], {**changes, "metadata.labels": labels})[0]
        status, answer = guarded.create(ours)
        assert status == CREATED, answer
        freed = [
            {"op": "remove", "path": "/metadata/labels"},
            {"op": "replace", "path": "/spec/prune", "value": False},
        ]
        with pytest.raises(subprocess.CalledProcessError) as refused:
            guarded.running.kubectl(
                "patch", "kustomization", "ours", "-n", "theirs", "--type=json",
                "-p", json.dumps(freed),
            )  # fmt: skip
        assert "flux-prune-and-health" in refused.value.stderr


CATALOGUE = [
    {"name": "api", "namespace": "brisa", "replicas": 3, "chaos": True},
    {"name": "cache", "namespace": "brisa", "replicas": 1, "chaos": True},
    {"name": "web", "namespace": "brisa"},
]


def selecting(app, **more):
    return {"spec.podChaos.selector": {**OTHERS, "labelSelectors": {"app": app}, **more}}


@pytest.fixture(scope="class")
def known(guarded):
    """The policies that know it: others would answer first to what they refuse as well."""
    services = json.loads(configuration("prod")["brisa-platform:services"]) + CATALOGUE
    production = stack_configuration(
        "prod", {**ENVIRONMENT, "brisa-platform:services": json.dumps(services)}
    )
    names = ("brisa-chaos-opt-in", "brisa-chaos-blast-radius-catalogue")
    mine = [
        each
        for each in manifests(production, SCOPE, "Deny", date(2026, 11, 23))
        if each["metadata"]["name"].startswith(names)
    ]
    for manifest in mine:
        guarded.apply(manifest)
    fits_the_schemas(guarded, mine)
    web = edited([EXAMPLES["Schedule"]], selecting("web"))[0]
    wait_for("the policies", lambda: guarded.create(web, dryRun="All")[0] == REFUSAL)
    yield guarded
    for manifest in mine:
        kind, name = manifest["kind"], manifest["metadata"]["name"]
        guarded.running.kubectl("delete", kind, name)


class TestTheCatalogue:
    """What it says of services holds for experiments that come past Pulumi, too."""

    @pytest.mark.parametrize(
        "kind, changes, rule",
        [
            ("Schedule", selecting("web"), "chaos-opt-in"),
            (
                "Schedule",
                {**selecting("nobody"), f"metadata.annotations{REPLICAS}": "nobody=3"},
                "chaos-opt-in",
            ),
            ("Schedule", selecting("api", namespaces=["brisa", "theirs"]), "chaos-opt-in"),
            ("Schedule", selecting("api", pods={"brisa": ["web-0"]}), "chaos-opt-in"),
            (
                "Schedule",
                {"spec.podChaos.selector.labelSelectors": {"version": "stable"}},
                "chaos-opt-in",
            ),
            ("PodChaos", {"spec.selector.labelSelectors.app": "web"}, "chaos-opt-in"),
            (
                "Workflow",
                {"spec.templates[0]": nested(selector=OTHERS)},
                "chaos-opt-in",
            ),
            (
                "EnvoyFilter",
                {
                    **ENDING,
                    "metadata.labels": {
                        "platform.brisa/experiment": "mesh-fault",
                        "platform.brisa/target": "web",
                    },
                },
                "chaos-opt-in",
            ),
            (
                "Schedule",
                {**selecting("cache"), f"metadata.annotations{REPLICAS}": "cache=3"},
                "chaos-blast-radius",
            ),
            ("PodChaos", {"spec.selector.labelSelectors.app": "cache"}, "chaos-blast-radius"),
            (
                "Schedule",
                {
                    f"metadata.annotations{REPLICAS}": "api=9",
                    "spec.podChaos.mode": "fixed",
                    "spec.podChaos.value": "3",
                },
                "chaos-blast-radius",
            ),
        ],
    )
    def test_refuses(self, known, kind, changes, rule):
        status, answer = known.create(edited([EXAMPLES[kind]], changes)[0], dryRun="All")
        assert (status, f"{rule}: " in answer) == (REFUSAL, True), answer

    @pytest.mark.parametrize("kind", ["Schedule", "PodChaos", "StressChaos", "Workflow"])
    def test_lets_in(self, known, kind):
        status, answer = known.create(EXAMPLES[kind], dryRun="All")
        assert status == CREATED, answer

    def test_lets_in_what_production_consists_of(self, known):
        test_nothing_that_production_consists_of_is_refused(known)


INSIDES = {
    "WorkflowNode": {
        "templateName": "x",
        "workflowName": "x",
        "type": "PodChaos",
        "startTime": "2026-11-23T12:00:00Z",
        "podChaos": {
            "action": "pod-failure",
            "mode": "all",
            "selector": {"namespaces": ["brisa"]},
        },
    },
    "PodNetworkChaos": {"iptables": [], "rawIpSets": []},
    "PodIOChaos": {"volumeMountPath": "/", "actions": []},
    "PodHttpChaos": {"rules": []},
}


@pytest.mark.parametrize("kind", INSIDES)
@pytest.mark.parametrize("namespace", ["brisa", "theirs", "kube-system"])
def test_kinds_that_chaos_mesh_works_with_are_its_alone(guarded, kind, namespace):
    manifest = {
        "apiVersion": "chaos-mesh.org/v1alpha1",
        "kind": kind,
        "metadata": {"name": "x", "namespace": namespace},
        "spec": INSIDES[kind],
    }
    path = guarded.path(manifest)
    status, answer = guarded.send("POST", path, manifest, dryRun="All")
    assert (status, "chaos-only-schedules" in answer) == (REFUSAL, True), answer
    status, answer = guarded.send("POST", path, manifest, user=CONTROLLER, dryRun="All")
    assert status == CREATED, answer


class TestSuspending:
    """Nobody may be kept from stopping what goes wrong."""

    @pytest.fixture
    def old(self, guarded):
        """A Kustomization that breaks a rule, from before the rule."""
        manifest = edited(
            [EXAMPLES["Kustomization"]], {"spec.prune": False, "metadata.name": "old"}
        )[0]
        binding = "brisa-flux-prune-and-health"
        without(guarded, binding, lambda: guarded.create(manifest)[0] == CREATED, manifest)
        yield
        guarded.running.kubectl("delete", "kustomization", "old", "-n", "brisa")

    def patch(self, guarded, spec):
        return guarded.running.kubectl(
            "patch", "kustomization", "old", "-n", "brisa", "--type=merge",
            "-p", json.dumps({"spec": spec}),
        )  # fmt: skip

    def test_a_change_of_suspend_alone_passes(self, guarded, old):
        self.patch(guarded, {"suspend": True})
        self.patch(guarded, {"suspend": False})
        self.patch(guarded, {"suspend": None})

    @pytest.mark.parametrize("rest", [{"interval": "6m"}, {"force": True}, {"timeout": None}])
    def test_together_with_another_it_does_not(self, guarded, old, rest):
        with pytest.raises(subprocess.CalledProcessError) as refused:
            self.patch(guarded, {"suspend": True, **rest})
        assert "flux-prune-and-health" in refused.value.stderr


def without(guarded, binding, created, manifest):
    """Let an object in that a policy would refuse, by taking its binding away for a moment."""
    path = f"/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings/{binding}"
    guarded.running.client.delete(f"{guarded.running.url}{path}", timeout=30).raise_for_status()
    wait_for("the rule to be off", created)
    for each in policies():
        if each["metadata"]["name"] == binding:
            guarded.apply(each)
    probe = edited([manifest], {"metadata.name": "probe", "metadata.finalizers": []})[0]
    wait_for("the rule to be back", lambda: guarded.create(probe, dryRun="All")[0] == REFUSAL)


def test_workloads_of_others_are_left_alone(guarded):
    changes = {"metadata.labels": GONE, f"{POD}.securityContext": GONE}
    status, text = guarded.create(edited([EXAMPLES["CronJob"]], changes)[0], dryRun="All")
    assert status == CREATED, text


def test_an_object_from_before_can_still_lose_its_finalizer(guarded):
    old = edited(
        [EXAMPLES["PodChaos"]],
        {"spec.duration": GONE, "metadata.name": "old", "metadata.finalizers": ["example.com/x"]},
    )[0]
    without(guarded, "brisa-chaos-duration", lambda: guarded.create(old)[0] == CREATED, old)
    guarded.running.kubectl(
        "patch",
        "podchaos",
        "old",
        "-n",
        "brisa",
        "--type=merge",
        "-p",
        '{"metadata": {"finalizers": null}}',
    )
    # Its owner does not exist, so the garbage collector may have been faster.
    guarded.running.kubectl("delete", "podchaos", "old", "-n", "brisa", "--ignore-not-found")
    guarded.running.kubectl("wait", "--for=delete", "podchaos/old", "-n", "brisa", "--timeout=30s")


TRIED = yaml.safe_load(Path(__file__).with_name("manifests.yaml").read_text(encoding="utf-8"))
GROUPS = {
    "security.istio.io/v1": ("PeerAuthentication", "AuthorizationPolicy", "RequestAuthentication"),
    "networking.istio.io/v1": (
        *("DestinationRule", "VirtualService", "Sidecar", "ServiceEntry", "Gateway"),
        *("WorkloadEntry", "WorkloadGroup"),
    ),
    "networking.istio.io/v1alpha3": ("EnvoyFilter",),
    "networking.istio.io/v1beta1": ("ProxyConfig",),
    "telemetry.istio.io/v1": ("Telemetry",),
    "extensions.istio.io/v1alpha1": ("WasmPlugin",),
    "kustomize.toolkit.fluxcd.io/v1": ("Kustomization",),
    "helm.toolkit.fluxcd.io/v2": ("HelmRelease",),
    "source.toolkit.fluxcd.io/v1": ("GitRepository", "OCIRepository", "Bucket", "HelmRepository"),
    "chaos-mesh.org/v1alpha1": (
        *("PodChaos", "Workflow", "Schedule", "StatusCheck", "RemoteCluster"),
        *("PhysicalMachineChaos", "BlockChaos", "AWSChaos"),
    ),
    "apps/v1": ("Deployment", "DaemonSet", "StatefulSet", "ReplicaSet"),
    "batch/v1": ("CronJob", "Job"),
    "v1": ("Pod", "Service", "Namespace", "ReplicationController"),
    "discovery.k8s.io/v1": ("EndpointSlice",),
    "rbac.authorization.k8s.io/v1": ("RoleBinding",),
    "networking.k8s.io/v1": ("NetworkPolicy",),
}
VERSIONS = {kind: version for version, kinds in GROUPS.items() for kind in kinds}


def whole(manifest):
    """A manifest as it would be applied."""
    home = {} if manifest["kind"] in ("Namespace", "RemoteCluster") else {"namespace": "brisa"}
    about = {"name": "tried", **home, **manifest.get("metadata", {})}
    return {"apiVersion": VERSIONS.get(manifest["kind"]), **manifest, "metadata": about}


@pytest.mark.parametrize("manifest", TRIED["harmful"].values(), ids=TRIED["harmful"])
def test_what_would_do_harm_is_refused(guarded, manifest):
    status, text = guarded.create(whole(manifest), dryRun="All")
    assert status == REFUSAL, text
    assert "ValidatingAdmissionPolicy" in text, text


LET_IN = TRIED["harmless"] | TRIED["let_in"]


@pytest.mark.parametrize("manifest", LET_IN.values(), ids=LET_IN)
def test_what_harms_nobody_or_cannot_be_told_apart_is_let_in(guarded, manifest):
    status, text = guarded.create(whole(manifest), dryRun="All")
    assert status in (CREATED, THERE_ALREADY), text
