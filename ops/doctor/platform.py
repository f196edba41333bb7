"""The cluster itself, what runs in it already, and monitoring."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from ops.cluster import Cluster, Object, Resource
from ops.cluster.objects import condition, labels, lookup, matches, parse_time, service_of
from ops.doctor.document import Check
from ops.doctor.room import Room, unknown, unwell, well
from ops.errors import ForbiddenError, NotInstalledError
from vocabulary.kinds import (
    ADMISSION_POLICY,
    CONFIG_MAP,
    DAEMON_SET,
    DEPLOYMENT,
    GIT_REPOSITORY,
    NAMESPACE,
    NODE,
    POD_MONITOR,
    PROMETHEUS_RULE,
    SCHEDULE,
    SERVICE,
    VIRTUAL_SERVICE,
    Kind,
)
from vocabulary.labels import GRAFANA_DASHBOARD, REVISION

OLDEST = (1, 32)
"""The oldest Kubernetes that the platform comes into."""

MOST_SKEW = timedelta(minutes=1)
"""How far the clocks may be apart; certificates and verdicts go by them."""

PROMETHEUS = Kind("monitoring.coreos.com/v1", "Prometheus")
MUTATING_WEBHOOK = Kind("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration")
DATA_PLANE = "istio.io/dataplane-mode"
TAG = "istio.io/tag"

MUTATING = Kind("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy")

ENFORCERS = (
    "calico-node",
    "cilium",
    "weave-net",
    "antrea-agent",
    "kube-router",
    "anetd",
    "kindnet",
)
"""DaemonSets of networks that enforce NetworkPolicies."""

PORTS = {"Prometheus": 9090, "Alertmanager": 9093}
"""Where each listens unless it is told otherwise."""

OPEN_NETWORKS = ("kube-flannel",)
"""Those that do not."""

OPERATOR = "prometheusOperator"
"""How the stack file says that rules and monitors are the operator's."""

NEEDED = (
    ("", "namespaces"),
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("rbac.authorization.k8s.io", "clusterroles"),
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
    ("apps", "deployments"),
)
"""Group and resource of what an `up` has to be allowed to create everywhere."""

INSTALLED: Mapping[str, tuple[str, Kind, str]] = {
    # area of the stack -> what it is, a kind of it, a Deployment of it by its label `app...`
    "gitops": ("Flux", GIT_REPOSITORY, "source-controller"),
    "mesh": ("Istio", VIRTUAL_SERVICE, "istiod"),
    "chaos": ("Chaos Mesh", SCHEDULE, "chaos-controller-manager"),
}


def version(room: Room) -> Iterator[Check]:
    """Kubernetes is recent enough, and serves what the platform makes."""
    told = str(room.cluster.request("GET", "/version").get("gitVersion", ""))
    found = re.match(r"v(\d+)\.(\d+)", told)
    if not found:
        yield unknown("cluster", "version", f"the API server calls itself {told!r}")
    elif (int(found[1]), int(found[2])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        yield unwell("cluster", "version", told, f"upgrade to {oldest} or later")
    else:
        yield well("cluster", "version", told)
    if not serves(room.cluster, ADMISSION_POLICY):
        lacks = f"{ADMISSION_POLICY.api_version} is not served"
        yield unwell("cluster", ADMISSION_POLICY.kind, lacks, "upgrade Kubernetes")
    has_experiments = any(room.stack.says("chaos", part) for part in ("schedules", "workflows"))
    if has_experiments and not serves(room.cluster, MUTATING):
        yield _without_mutation(room)


def _without_mutation(room: Room) -> Check:
    found = f"{MUTATING.api_version} is not served"
    if not room.stack.says("chaos", "abortable"):
        told = f"{found}: a failed health check stops no experiment, as the stack file says"
        return well("cluster", MUTATING.kind, told)
    remedy = "set chaos.abortable: false, and a failed health check stops nothing; or declare"
    return unwell("cluster", MUTATING.kind, found, f"{remedy} no experiments")


def clock(room: Room) -> Iterator[Check]:
    """The cluster's clock and ours agree."""
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    before = datetime.now(UTC)
    answer = room.cluster.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body)
    theirs = parse_time(lookup(answer, "metadata", "creationTimestamp"))
    if theirs is None:
        yield unknown("cluster", "clock", "the API server does not tell the time")
    elif abs(theirs - before) > MOST_SKEW:
        apart = f"{abs(theirs - before).total_seconds():.0f} s from ours"
        yield unwell("cluster", "clock", apart, "let NTP run on the nodes and here")
    else:
        yield well("cluster", "clock", "agrees with ours")


def rights(room: Room) -> Iterator[Check]:
    """This user may make what an `up` makes."""
    try:
        missing = [
            f"{resource}.{group}".rstrip(".")
            for group, resource in NEEDED
            if not _may(room, group, resource)
        ]
    except ForbiddenError as error:  # everybody whom the cluster knows may ask this
        yield unwell("cluster", "rights", str(error), "log in again: its credentials do not count")
        return
    if missing:
        found = f"{room.cluster.user} may not create {', '.join(missing)}"
        yield unwell("cluster", "rights", found, "use a kubeconfig of a cluster administrator")
    else:
        yield well("cluster", "rights", f"{room.cluster.user} may create what an up makes")


def _may(room: Room, group: str, resource: str) -> bool:
    asked = {"verb": "create", "group": group, "resource": resource}
    answer = room.cluster.request(
        "POST",
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": asked},
        },
    )
    return bool(lookup(answer, "status", "allowed"))


def runtime(room: Room) -> Iterator[Check]:
    """Nodes run containerd, whose socket Chaos Mesh is told."""
    nodes = room.cluster.all(NODE)
    others = {str(lookup(node, "status", "nodeInfo", "containerRuntimeVersion")) for node in nodes}
    others = {each for each in others if not each.startswith("containerd://")}
    if not nodes:
        yield unknown("cluster", "container runtime", "there is no node")
    elif all(condition(node, "Ready").get("status", "True") != "True" for node in nodes):
        remedy = "kubectl describe nodes says why; without one no pod runs"
        yield unwell("cluster", "nodes", "none is ready", remedy)
    elif others and room.stack.says("chaos", "install"):
        found = f"nodes run {', '.join(sorted(others))}"
        remedy = "set chaos.values of the daemon's runtime and socketPath, or chaos.install: false"
        yield unwell("cluster", "container runtime", found, remedy)
    else:
        yield well("cluster", "container runtime", f"containerd on {len(nodes)} nodes")


def network(room: Room) -> Iterator[Check]:
    """Something enforces NetworkPolicies; without, they are decoration."""
    names = {each["metadata"]["name"] for each in room.cluster.all(DAEMON_SET)}
    if there := sorted(names & {*ENFORCERS}):
        yield well("cluster", "network policies", f"enforced by {', '.join(there)}")
    elif there := sorted(name for name in names if name.startswith(OPEN_NETWORKS)):
        found = f"{', '.join(there)} does not enforce them"
        remedy = "install a network that does, such as Cilium or Calico"
        yield unwell("cluster", "network policies", found, remedy)
    else:
        found = "no network that is known to enforce them; a managed one may"
        yield unknown("cluster", "network policies", found, "try one: deny, then connect")


def dns(room: Room) -> Iterator[Check]:
    """DNS is where the detector's NetworkPolicy lets it ask: port 53 in kube-system."""
    services = room.cluster.all(SERVICE, namespace="kube-system")
    if any(each["metadata"]["name"] == "node-local-dns" for each in room.cluster.all(DAEMON_SET)):
        remedy = "allow the node's own address at port 53 in the detector's network settings"
        yield unwell("cluster", "DNS", "a cache on each node answers, outside kube-system", remedy)
    elif any(labels(each).get("k8s-app") == "kube-dns" for each in services):
        yield well("cluster", "DNS", "kube-system answers")
    else:
        found = "no Service of kube-system is labelled k8s-app: kube-dns"
        yield unwell(
            "cluster", "DNS", found, "allow where DNS is in the detector's network settings"
        )


def operators(room: Room) -> Iterator[Check]:
    """What is there already is adopted, and what is to be there is installed."""
    ours = room.cluster.one(CONFIG_MAP, "brisa-platform", "release") is not None
    deployments = room.cluster.all(DEPLOYMENT)
    for area, (what, kind, name) in INSTALLED.items():
        there, served = image_of(deployments, name), found_as(room.cluster, kind)
        wanted = room.stack.says(area, "install")
        installs = wanted not in (False, "none")
        nothing = "none" if area == "gitops" else "false"
        if there and installs and not ours:
            remedy = f"adopt it: {area}.install: {nothing}; or remove it first"
            yield unwell("operators", what, f"{there} is there already", remedy)
        elif room.stack.is_given and not installs and not (there and served):
            found = f"{area}.install is {wanted}, and it is not there"
            yield unwell("operators", what, found, f"install it, or leave {area}.install out")
        elif served and not installs and served.api_version != kind.api_version:
            found = f"{there} serves {served.api_version} and not {kind.api_version}"
            yield unwell("operators", what, found, "upgrade it to a release that serves it")
        else:
            yield well("operators", what, there or "not there yet")


def health(room: Room) -> Iterator[Check]:
    """What watches experiments is there, where it is in the cluster."""
    chaos = room.stack.areas.get("chaos") or {}
    watched = [chaos, *(chaos.get("schedules") or ()), *(chaos.get("workflows") or ())]
    for url in dict.fromkeys(lookup(each, "health", "url") for each in watched):
        host = (urlsplit(str(url)).hostname or "").removesuffix(".cluster.local")
        if url and host.endswith(".svc"):
            yield _address(room, "health of experiments", str(url), "chaos.health.url")


def injection(room: Room) -> Iterator[Check]:
    """Where Istio is another's, it injects for the revision or tag that the stack names."""
    homes = {each.get("namespace") for each in room.stack.services}
    for each in room.cluster.all(NAMESPACE):
        name = each["metadata"]["name"]
        if name in homes and labels(each).get(DATA_PLANE) == "ambient":
            remedy = f"kubectl label namespace {name} {DATA_PLANE}-, then restart its workloads"
            found = f"{name} is in ambient mode, and the stack gives its pods sidecars"
            yield unwell("operators", "data plane", found, remedy)
    if not room.stack.is_given or room.stack.says("mesh", "install"):
        return
    wanted = room.stack.says("mesh", "revision") or "default"
    there = {
        marks.get(key)
        for each in room.cluster.all(MUTATING_WEBHOOK)
        if (marks := labels(each)).get("app") == "sidecar-injector"
        for key in (REVISION, TAG)
    } - {None}
    if wanted in there:
        yield well("operators", "sidecars", f"injected by {wanted}")
    else:
        others = f"there is {', '.join(sorted(map(str, there)))}" if there else "there is none"
        found = f"nobody injects them for the revision or tag {wanted}; {others}"
        yield unwell("operators", "sidecars", found, "set mesh.revision to one that is there")


def image_of(deployments: Sequence[Object], name: str) -> str:
    """Version and namespace of a Deployment; empty when it is not there."""
    for each in deployments:
        found = each["metadata"]["name"]
        if found == name or found.startswith(f"{name}-"):  # istiod-1-31, of a revision
            containers = lookup(each, "spec", "template", "spec", "containers") or [{}]
            image = str(containers[0].get("image", "")).partition("@")[0]
            return f"{found} {image.rpartition(':')[2]} in {each['metadata']['namespace']}"
    return ""


def found_as(cluster: Cluster, kind: Kind) -> Resource | None:
    """A kind as the cluster serves it, under whichever version; None when it does not."""
    try:
        return cluster.catalogue.find(kind)
    except NotInstalledError:
        return None


def serves(cluster: Cluster, kind: Kind) -> bool:
    """Whether the cluster has a kind."""
    return found_as(cluster, kind) is not None


def flux(room: Room) -> Iterator[Check]:
    """Where Flux is there, its controllers are ready."""
    controllers = [
        each
        for each in room.cluster.all(DEPLOYMENT)
        if labels(each).get("app.kubernetes.io/part-of") == "flux"
    ]
    for each in controllers:
        if not lookup(each, "status", "readyReplicas") and lookup(each, "spec", "replicas") != 0:
            name = each["metadata"]["name"]
            remedy = f"kubectl describe deployment {name} -n {each['metadata']['namespace']}"
            yield unwell("operators", name, "no replica is ready", remedy)


def prometheus_operator(room: Room) -> Iterator[Check]:
    """The kinds that rules and monitors are written in are served, where they are wanted."""
    wanted = [
        kind
        for part, kind in (("rules", PROMETHEUS_RULE), ("scraping", POD_MONITOR))
        if room.stack.says("observability", part, "delivery") == OPERATOR
    ]
    is_seen = room.stack.says("observability", "install") is not False
    missing = [kind.kind for kind in wanted if is_seen and not serves(room.cluster, kind)]
    if missing:
        found = f"the cluster serves no {' and no '.join(missing)}"
        remedy = "install it, or set rules.delivery: configMap and scraping.delivery: none"
        yield unwell("monitoring", "Prometheus Operator", found, f"{remedy} of observability")
    elif not (wanted and is_seen):
        yield well("monitoring", "Prometheus Operator", "the stack does without")
    else:
        yield from _selected(room) or [
            well("monitoring", "Prometheus Operator", "its kinds are served")
        ]


def _selected(room: Room) -> list[Check]:
    """What is wrong where no Prometheus of the operator goes by the labels that ours carry."""
    servers = room.cluster.all(PROMETHEUS)
    carried = room.stack.says("observability", "operatorLabels")
    wrong = []
    for part, selector in (("rules", "ruleSelector"), ("scraping", "podMonitorSelector")):
        asked = [lookup(each, "spec", selector) for each in servers]
        if room.stack.says("observability", part, "delivery") != OPERATOR or not asked:
            continue
        if not any(
            each is not None and matches(each.get("matchLabels"), carried) for each in asked
        ):
            wants = next((each["matchLabels"] for each in asked if each), "nothing")
            found = f"no Prometheus selects {part} with {carried}: its {selector} wants {wants}"
            remedy = "set observability.operatorLabels to what it wants, or its selector to {}"
            wrong.append(unwell("monitoring", "Prometheus Operator", found, remedy))
    return wrong


def prometheus(room: Room) -> Iterator[Check]:
    """The Prometheus that the stack names is there, and takes what the detector writes."""
    place = "monitoring"
    if home := room.stack.says("observability", "namespace") if room.stack.is_given else None:
        makes = room.stack.says("observability", "createNamespace")
        if not makes and room.cluster.one(NAMESPACE, None, str(home)) is None:
            remedy = "create it, or set observability.createNamespace: true"
            yield unwell(place, "namespace", f"there is no namespace {home}", remedy)
    if url := room.stack.says("anomaly", "prometheusUrl"):
        yield _address(room, "Prometheus", str(url), "anomaly.prometheusUrl")
    for each in room.cluster.all(PROMETHEUS):
        name = f"{each['metadata']['namespace']}/{each['metadata']['name']}"
        if not lookup(each, "spec", "enableRemoteWriteReceiver"):
            remedy = "set enableRemoteWriteReceiver: true, or have the detector write elsewhere"
            yield unwell(place, "remote write", f"{name} takes none", remedy)
    if room.prometheus and not room.prometheus.query('count({__name__="istio_requests_total"})'):
        remedy = "let it scrape the proxies (PodMonitor), and send some requests"
        yield unwell(place, "series", f"{room.prometheus.url} has no istio_requests_total", remedy)
    elif room.prometheus:
        yield well(place, "series", f"{room.prometheus.url} has the mesh's")


def _address(room: Room, what: str, url: str, key: str) -> Check:
    """Whether an address leads to a Service of the cluster that is there."""
    area = "monitoring" if what in PORTS else "operators"
    parts, place = urlsplit(url), service_of(url)
    if place is None and "." not in (parts.hostname or ""):
        found = f"{url} names no namespace: only pods beside it know it by that name"
        return unwell(area, what, found, f"set {key} to NAME.NAMESPACE.svc.cluster.local")
    if place is None:
        return unknown(area, what, f"{url} is not in the cluster")
    home, name = place
    port = parts.port or (443 if parts.scheme == "https" else 80)
    there = room.cluster.one(SERVICE, home, name)
    open_ports = [each.get("port") for each in lookup(there, "spec", "ports") or ()]
    if there and port in open_ports:
        return well(area, what, f"Service {home}/{name} has port {port}")
    candidates = servers(room.cluster, what) if what in PORTS else []
    wrong = f"has no port {port}" if there else "is not there"
    instead = f"such as {', '.join(candidates[:3])}" if candidates else "once one is installed"
    remedy = f"set {key} to one that is there, {instead}"
    return unwell(area, what, f"Service {home}/{name} {wrong}", remedy)


def servers(cluster: Cluster, what: str) -> list[str]:
    """What may be a Prometheus or an Alertmanager, by its port: name and namespace, as in DNS."""
    found = [
        f"{each['metadata']['name']}.{each['metadata']['namespace']}"
        for each in cluster.all(SERVICE)
        if PORTS[what] in [port.get("port") for port in lookup(each, "spec", "ports") or ()]
    ]
    return sorted(found, key=lambda name: what.lower() not in name)


def alertmanager(room: Room) -> Iterator[Check]:
    """The Alertmanager that the stack names is there; one that can be reached answers."""
    if url := room.stack.says("anomaly", "results", "alertmanager", "url"):
        yield _address(room, "Alertmanager", str(url), "anomaly.results.alertmanager.url")
    if room.alertmanager:
        firing = len(room.alertmanager.firing())
        yield well("monitoring", "alerts", f"{room.alertmanager.url} answers, {firing} fire")


def grafana(room: Room) -> Iterator[Check]:
    """A sidecar that loads boards goes by the label that ours carry."""
    for each in room.cluster.all(DEPLOYMENT):
        for container in lookup(each, "spec", "template", "spec", "containers") or ():
            told = {entry.get("name"): entry.get("value") for entry in container.get("env") or ()}
            label = told.get("LABEL")
            if "grafana" not in each["metadata"]["name"] or label is None:
                continue
            if label == GRAFANA_DASHBOARD:
                yield well("monitoring", "Grafana", f"its sidecar looks for {label}")
            elif "dashboard" in str(container.get("name")):
                remedy = f"set its sidecar's label to {GRAFANA_DASHBOARD}"
                yield unwell("monitoring", "Grafana", f"its sidecar looks for {label}", remedy)
