"""The cluster itself: its version, its clock, who we are in it, and what its nodes run."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ops.cluster.objects import condition, labels, lookup, parse_time
from ops.doctor.document import Check
from ops.doctor.room import Room, unknown, unwell, well
from ops.errors import ForbiddenError
from vocabulary.kinds import ADMISSION_POLICY, DAEMON_SET, NODE, SERVICE, Kind

OLDEST = (1, 32)
"""The oldest Kubernetes that the platform comes into."""

MOST_SKEW = timedelta(minutes=1)
"""How far the clocks may be apart; certificates and verdicts go by them."""

MUTATING = Kind("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy")

ENFORCERS = {
    "calico-node",
    "cilium",
    "weave-net",
    "antrea-agent",
    "kube-router",
    "anetd",
    "kindnet",
}
"""DaemonSets of networks that enforce NetworkPolicies."""

OPEN_NETWORKS = ("kube-flannel",)
"""Those that do not."""

NEEDED = (
    ("", "namespaces"),
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("rbac.authorization.k8s.io", "clusterroles"),
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
    ("apps", "deployments"),
)
"""Group and resource of what an `up` has to be allowed to create everywhere."""


def version(room: Room) -> Iterator[Check]:
    """Kubernetes is recent enough, and serves what the platform makes."""
    told = str(room.cluster.request("GET", "/version").get("gitVersion", ""))
    found = re.match(r"v(\d+)\.(\d+)", told)
    if not found:
        yield unknown(f"the API server calls itself {told!r}")
    elif (int(found[1]), int(found[2])) < OLDEST:
        yield unwell(told, f"upgrade to {'.'.join(map(str, OLDEST))} or later")
    else:
        yield well(told)
    if not room.served(ADMISSION_POLICY):
        lacks = f"{ADMISSION_POLICY.api_version} is not served"
        yield unwell(lacks, "upgrade Kubernetes", name=ADMISSION_POLICY.kind)
    has_experiments = any(room.stack.says("chaos", part) for part in ("schedules", "workflows"))
    if not has_experiments or room.served(MUTATING):
        return
    lacks = f"{MUTATING.api_version} is not served"
    if room.stack.says("chaos", "abortable"):
        remedy = "set chaos.abortable: false, and a failed health check stops nothing; or declare"
        yield unwell(lacks, f"{remedy} no experiments", name=MUTATING.kind)
    else:
        told = "a failed health check stops no experiment, as the stack file says"
        yield well(f"{lacks}: {told}", name=MUTATING.kind)


def clock(room: Room) -> Iterator[Check]:
    """The cluster's clock and ours agree."""
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    before = datetime.now(UTC)
    answer = room.cluster.request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body)
    theirs = parse_time(lookup(answer, "metadata", "creationTimestamp"))
    if theirs is None:
        yield unknown("the API server does not tell the time")
    elif (apart := abs(theirs - before)) > MOST_SKEW:
        yield unwell(
            f"{apart.total_seconds():.0f} s from ours", "let NTP run on the nodes and here"
        )
    else:
        yield well("agrees with ours")


def rights(room: Room) -> Iterator[Check]:
    """This user may make what an `up` makes."""
    try:
        missing = [
            f"{resource}.{group}".rstrip(".")
            for group, resource in NEEDED
            if not _may(room, group, resource)
        ]
    except ForbiddenError as error:  # everybody whom the cluster knows may ask this
        yield unwell(str(error), "log in again: its credentials do not count")
        return
    if missing:
        found = f"{room.cluster.user} may not create {', '.join(missing)}"
        yield unwell(found, "use a kubeconfig of a cluster administrator")
    else:
        yield well(f"{room.cluster.user} may create what an up makes")


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
    told = {str(lookup(node, "status", "nodeInfo", "containerRuntimeVersion")) for node in nodes}
    others = sorted(each for each in told if not each.startswith("containerd://"))
    if not nodes:
        yield unknown("there is no node")
    elif all(condition(node, "Ready").get("status", "True") != "True" for node in nodes):
        remedy = "kubectl describe nodes says why; without one no pod runs"
        yield unwell("none is ready", remedy, name="nodes")
    elif others and room.stack.says("chaos", "install"):
        remedy = "set chaos.values of the daemon's runtime and socketPath, or chaos.install: false"
        yield unwell(f"nodes run {', '.join(others)}", remedy)
    else:
        yield well(f"containerd on {len(nodes)} nodes")


def network(room: Room) -> Iterator[Check]:
    """Something enforces NetworkPolicies; without, they are decoration."""
    names = {each["metadata"]["name"] for each in room.cluster.all(DAEMON_SET)}
    if there := sorted(names & ENFORCERS):
        yield well(f"enforced by {', '.join(there)}")
    elif there := sorted(name for name in names if name.startswith(OPEN_NETWORKS)):
        remedy = "install a network that does, such as Cilium or Calico"
        yield unwell(f"{', '.join(there)} does not enforce them", remedy)
    else:
        found = "no network that is known to enforce them; a managed one may"
        yield unknown(found, "try one: deny, then connect")


def dns(room: Room) -> Iterator[Check]:
    """DNS is where the detector's NetworkPolicy lets it ask: port 53 in kube-system."""
    services = room.cluster.all(SERVICE, namespace="kube-system")
    if any(each["metadata"]["name"] == "node-local-dns" for each in room.cluster.all(DAEMON_SET)):
        remedy = "allow the node's own address at port 53 in the detector's network settings"
        yield unwell("a cache on each node answers, outside kube-system", remedy)
    elif any(labels(each).get("k8s-app") == "kube-dns" for each in services):
        yield well("kube-system answers")
    else:
        found = "no Service of kube-system is labelled k8s-app: kube-dns"
        yield unwell(found, "allow where DNS is in the detector's network settings")
