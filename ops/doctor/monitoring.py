"""Monitoring: what the stack's rules, monitors and the detector's series need of what is there."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from ops.cluster import Cluster
from ops.cluster.objects import lookup, matches, service_of
from ops.doctor.document import Check
from ops.doctor.room import Room, unknown, unwell, well
from vocabulary.kinds import DEPLOYMENT, NAMESPACE, POD_MONITOR, PROMETHEUS_RULE, SERVICE, Kind
from vocabulary.labels import GRAFANA_DASHBOARD

PROMETHEUS = Kind("monitoring.coreos.com/v1", "Prometheus")

PORTS = {"Prometheus": 9090, "Alertmanager": 9093}
"""Where each listens unless it is told otherwise."""

OPERATOR = "prometheusOperator"
"""How the stack file says that rules and monitors are the operator's."""


def prometheus_operator(room: Room) -> Iterator[Check]:
    """The kinds that rules and monitors are written in are served, where they are wanted."""
    wanted = [
        kind
        for part, kind in (("rules", PROMETHEUS_RULE), ("scraping", POD_MONITOR))
        if room.stack.says("observability", part, "delivery") == OPERATOR
    ]
    is_seen = room.stack.says("observability", "install") is not False
    missing = [kind.kind for kind in wanted if is_seen and not room.served(kind)]
    if missing:
        found = f"the cluster serves no {' and no '.join(missing)}"
        remedy = "install it, or set rules.delivery: configMap and scraping.delivery: none"
        yield unwell(found, f"{remedy} of observability")
    elif not (wanted and is_seen):
        yield well("the stack does without")
    else:
        yield from [*_unselected(room)] or [well("its kinds are served")]


def _unselected(room: Room) -> Iterator[Check]:
    """What is wrong where no Prometheus of the operator goes by the labels that ours carry."""
    servers = room.cluster.all(PROMETHEUS)
    carried = room.stack.says("observability", "operatorLabels")
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
            yield unwell(found, remedy)


def prometheus(room: Room) -> Iterator[Check]:
    """The Prometheus that the stack names is there, and takes what the detector writes."""
    if home := room.stack.says("observability", "namespace") if room.stack.is_given else None:
        makes = room.stack.says("observability", "createNamespace")
        if not makes and room.cluster.one(NAMESPACE, None, str(home)) is None:
            remedy = "create it, or set observability.createNamespace: true"
            yield unwell(f"there is no namespace {home}", remedy, name="namespace")
    if url := room.stack.says("anomaly", "prometheusUrl"):
        yield address(room, str(url), "anomaly.prometheusUrl", servers(room.cluster, "Prometheus"))
    for each in room.cluster.all(PROMETHEUS):
        name = f"{each['metadata']['namespace']}/{each['metadata']['name']}"
        if not lookup(each, "spec", "enableRemoteWriteReceiver"):
            remedy = "set enableRemoteWriteReceiver: true, or have the detector write elsewhere"
            yield unwell(f"{name} takes none", remedy, name="remote write")
    if room.prometheus and not room.prometheus.query('count({__name__="istio_requests_total"})'):
        remedy = "let it scrape the proxies (PodMonitor), and send some requests"
        found = f"{room.prometheus.url} has no istio_requests_total"
        yield unwell(found, remedy, name="series")
    elif room.prometheus:
        yield well(f"{room.prometheus.url} has the mesh's", name="series")


def address(room: Room, url: str, key: str, candidates: Sequence[str] = ()) -> Check:
    """Whether an address leads to a Service of the cluster that is there."""
    parts, place = urlsplit(url), service_of(url)
    if place is None and "." not in (parts.hostname or ""):
        found = f"{url} names no namespace: only pods beside it know it by that name"
        return unwell(found, f"set {key} to NAME.NAMESPACE.svc.cluster.local")
    if place is None:
        return unknown(f"{url} is not in the cluster")
    home, name = place
    port = parts.port or (443 if parts.scheme == "https" else 80)
    there = room.cluster.one(SERVICE, home, name)
    if port in [each.get("port") for each in lookup(there, "spec", "ports") or ()]:
        return well(f"Service {home}/{name} has port {port}")
    wrong = f"has no port {port}" if there else "is not there"
    instead = f"such as {', '.join(candidates[:3])}" if candidates else "once one is installed"
    return unwell(f"Service {home}/{name} {wrong}", f"set {key} to one that is there, {instead}")


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
        there = servers(room.cluster, "Alertmanager")
        yield address(room, str(url), "anomaly.results.alertmanager.url", there)
    if room.alertmanager:
        firing = len(room.alertmanager.firing())
        yield well(f"{room.alertmanager.url} answers, {firing} fire", name="alerts")


def grafana(room: Room) -> Iterator[Check]:
    """A sidecar that loads boards goes by the label that ours carry."""
    for each in room.cluster.all(DEPLOYMENT):
        for container in lookup(each, "spec", "template", "spec", "containers") or ():
            told = {entry.get("name"): entry.get("value") for entry in container.get("env") or ()}
            label = told.get("LABEL")
            if "grafana" not in each["metadata"]["name"] or label is None:
                continue
            if label == GRAFANA_DASHBOARD:
                yield well(f"its sidecar looks for {label}")
            elif "dashboard" in str(container.get("name")):
                remedy = f"set its sidecar's label to {GRAFANA_DASHBOARD}"
                yield unwell(f"its sidecar looks for {label}", remedy)
