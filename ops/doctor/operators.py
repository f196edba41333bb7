"""What runs in the cluster already: operators to adopt, and what injects, watches, reconciles."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from ops.cluster import Object
from ops.cluster.objects import labels, lookup
from ops.doctor.document import Check
from ops.doctor.monitoring import address
from ops.doctor.room import Room, unwell, well
from vocabulary.kinds import (
    CONFIG_MAP,
    DEPLOYMENT,
    GIT_REPOSITORY,
    NAMESPACE,
    SCHEDULE,
    VIRTUAL_SERVICE,
    Kind,
)
from vocabulary.labels import PART_OF, PLATFORM, REVISION

MUTATING_WEBHOOK = Kind("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration")
DATA_PLANE = "istio.io/dataplane-mode"
TAG = "istio.io/tag"

INSTALLED: Mapping[str, tuple[str, Kind, str]] = {
    # area of the stack -> what it is, a kind of it, a Deployment of it by its label `app...`
    "gitops": ("Flux", GIT_REPOSITORY, "source-controller"),
    "mesh": ("Istio", VIRTUAL_SERVICE, "istiod"),
    "chaos": ("Chaos Mesh", SCHEDULE, "chaos-controller-manager"),
}


def operators(room: Room) -> Iterator[Check]:
    """What is there already is adopted, and what is to be there is installed."""
    ours = room.cluster.one(CONFIG_MAP, PLATFORM, "release") is not None
    deployments = room.cluster.all(DEPLOYMENT)
    for area, (what, kind, name) in INSTALLED.items():
        there, served = image_of(deployments, name), room.served(kind)
        wanted = room.stack.says(area, "install")
        installs = wanted not in (False, "none")
        nothing = "none" if area == "gitops" else "false"
        if there and installs and not ours:
            remedy = f"adopt it: {area}.install: {nothing}; or remove it first"
            yield unwell(f"{there} is there already", remedy, name=what)
        elif room.stack.is_given and not installs and not (there and served):
            found = f"{area}.install is {wanted}, and it is not there"
            yield unwell(found, f"install it, or leave {area}.install out", name=what)
        elif served and not installs and served.api_version != kind.api_version:
            found = f"{there} serves {served.api_version} and not {kind.api_version}"
            yield unwell(found, "upgrade it to a release that serves it", name=what)
        else:
            yield well(there or "not there yet", name=what)


def health(room: Room) -> Iterator[Check]:
    """What watches experiments is there, where it is in the cluster."""
    chaos = room.stack.areas.get("chaos") or {}
    watched = [chaos, *(chaos.get("schedules") or ()), *(chaos.get("workflows") or ())]
    for url in dict.fromkeys(str(lookup(each, "health", "url") or "") for each in watched):
        host = urlsplit(url).hostname or ""
        if host.removesuffix(".cluster.local").endswith(".svc"):
            yield address(room, url, "chaos.health.url")


def injection(room: Room) -> Iterator[Check]:
    """Where Istio is another's, it injects for the revision or tag that the stack names."""
    homes = {each.get("namespace") for each in room.stack.services}
    for each in room.cluster.all(NAMESPACE):
        name = each["metadata"]["name"]
        if name in homes and labels(each).get(DATA_PLANE) == "ambient":
            remedy = f"kubectl label namespace {name} {DATA_PLANE}-, then restart its workloads"
            found = f"{name} is in ambient mode, and the stack gives its pods sidecars"
            yield unwell(found, remedy, name="data plane")
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
        yield well(f"injected by {wanted}")
    else:
        others = f"there is {', '.join(sorted(map(str, there)))}" if there else "there is none"
        found = f"nobody injects them for the revision or tag {wanted}; {others}"
        yield unwell(found, "set mesh.revision to one that is there")


def flux(room: Room) -> Iterator[Check]:
    """Where Flux is there, its controllers are ready."""
    for each in room.cluster.all(DEPLOYMENT):
        is_meant = labels(each).get(PART_OF) == "flux" and lookup(each, "spec", "replicas") != 0
        if is_meant and not lookup(each, "status", "readyReplicas"):
            name = each["metadata"]["name"]
            remedy = f"kubectl describe deployment {name} -n {each['metadata']['namespace']}"
            yield unwell("no replica is ready", remedy, name=name)


def image_of(deployments: Sequence[Object], name: str) -> str:
    """Version and namespace of a Deployment; empty when it is not there."""
    for each in deployments:
        found = each["metadata"]["name"]
        if found == name or found.startswith(f"{name}-"):  # istiod-1-31, of a revision
            containers = lookup(each, "spec", "template", "spec", "containers") or [{}]
            image = str(containers[0].get("image", "")).partition("@")[0]
            return f"{found} {image.rpartition(':')[2]} in {each['metadata']['namespace']}"
    return ""
