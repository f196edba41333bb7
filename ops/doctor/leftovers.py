"""What is in the way of an `up`: another stack, a namespace that is going, a webhook left over."""

from collections.abc import Iterator

from ops.cluster.objects import lookup
from ops.doctor.document import Check
from ops.doctor.room import Room, unwell
from vocabulary.kinds import CONFIG_MAP, NAMESPACE, SERVICE, Kind
from vocabulary.labels import PLATFORM

WEBHOOKS = tuple(
    Kind("admissionregistration.k8s.io/v1", kind)
    for kind in ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
)
OURS = ("anomaly-detection", "brisa-platform", "chaos-mesh", "flux-system", "istio-system")
"""Namespaces that an `up` puts something into, beside those of the catalogue and of monitoring."""


def another_stack(room: Room) -> Iterator[Check]:
    """The cluster runs no other environment: an `up` would go over its objects."""
    record = room.cluster.one(CONFIG_MAP, PLATFORM, "release")
    runs, wanted = lookup(record, "data", "environment"), room.stack.says("environment")
    if runs and wanted and runs != wanted:
        found = f"the cluster runs {runs}, and {room.stack.name} is {wanted}"
        yield unwell(found, "set cluster.context to the right one")


def namespaces(room: Room) -> Iterator[Check]:
    """None that the stack needs is being deleted: nothing can be made in it, and it waits."""
    wanted = {*OURS, str(room.stack.says("observability", "namespace"))}
    wanted |= {str(each.get("namespace")) for each in room.stack.services}
    for each in room.cluster.all(NAMESPACE):
        name = each["metadata"]["name"]
        if name in wanted and each["metadata"].get("deletionTimestamp"):
            remedy = f"kubectl get namespace {name} -o yaml says what it waits for"
            yield unwell(f"{name} is being deleted", remedy)


def webhooks(room: Room) -> Iterator[Check]:
    """Each has somebody to answer; else the API server refuses all that it would be asked of."""
    for kind in WEBHOOKS:
        for each in room.cluster.all(kind):
            asked = [
                lookup(hook, "clientConfig", "service")
                for hook in each.get("webhooks") or ()
                if hook.get("failurePolicy") != "Ignore"
            ]
            gone = {
                f"{at['namespace']}/{at['name']}"
                for at in asked
                if at and room.cluster.one(SERVICE, at["namespace"], at["name"]) is None
            }
            if gone:
                name = each["metadata"]["name"]
                found = f"{name} asks Service {', '.join(sorted(gone))}, which is not there"
                remedy = f"kubectl delete {kind.kind.lower()} {name}, or bring the Service back"
                yield unwell(found, remedy)
