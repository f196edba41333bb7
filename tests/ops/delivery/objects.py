"""Objects as a cluster gives them, and a cluster that holds what a test puts into it."""

from ops.cluster import Object, Resource
from ops.errors import UnreachableError
from vocabulary.kinds import FLUX_HELM_RELEASE, KUSTOMIZATION, SOURCES

READY = [{"type": "Ready", "status": "True", "reason": "ReconciliationSucceeded"}]
REVISION = "develop@sha1:8f3c1d0e"


class HeldCluster:
    """Answers from a list."""

    name = "the-cluster"

    def __init__(self, *objects: Object) -> None:
        self.objects = objects
        self.catalogue = self

    def close(self) -> None:
        """Nothing is open."""

    def group(self, suffix: str) -> list[Resource]:
        """The kinds of Flux that are here."""
        kinds = (KUSTOMIZATION, FLUX_HELM_RELEASE, *SOURCES)
        there = {each["kind"] for each in self.objects}
        return [
            Resource(kind.api_version, kind.kind, f"{kind.kind.lower()}s")
            for kind in kinds
            if kind.group.endswith(suffix) and kind.kind in there
        ]

    def list_many(self, resources, **_):
        return {each: self._of(each.kind) for each in resources}

    def all(self, kind, **_):
        return self._of(kind.kind)

    def _of(self, kind):
        return [{"apiVersion": "v1", **each} for each in self.objects if each["kind"] == kind]

    def one(self, kind, namespace, name):
        wanted = (namespace, name)
        for each in self.all(kind):
            if (each["metadata"]["namespace"], each["metadata"]["name"]) == wanted:
                return each
        return None


class DeadCluster(HeldCluster):
    """Answers nobody."""

    def all(self, _kind):
        raise UnreachableError("the API server does not answer: connection refused")

    def one(self, *_):
        raise UnreachableError("the API server does not answer: connection refused")


def kustomization(name="apps", *, spec=None, generation=1, **status):
    return {
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": "flux-system", "generation": generation},
        "spec": {"sourceRef": {"kind": "GitRepository", "name": "infra"}, **(spec or {})},
        "status": {
            "conditions": READY,
            "observedGeneration": 1,
            "lastAppliedRevision": REVISION,
            **status,
        },
    }


def source(revision=REVISION):
    return {
        "kind": "GitRepository",
        "metadata": {"name": "infra", "namespace": "flux-system", "generation": 1},
        "status": {"artifact": {"revision": revision}, "conditions": READY},
    }


def release(name="redis", **status):
    return {
        "kind": "HelmRelease",
        "metadata": {"name": name, "namespace": "flux-system", "generation": 1},
        "spec": {},
        "status": {"conditions": READY, "observedGeneration": 1, **status},
    }


def node(workflow, *, kind="PodChaos"):
    return {
        "kind": "WorkflowNode",
        "metadata": {
            "name": f"{workflow}-fault",
            "namespace": "brisa-staging",
            "labels": {"chaos-mesh.org/workflow": workflow},
        },
        "spec": {"type": kind},
        # As Chaos Mesh leaves it when the experiment has gone, whatever it did.
        "status": {"conditions": [{"type": "ChaosInjected", "status": "False"}]},
    }


def event(workflow, reason="Applied", at="2026-11-22T04:55:00Z", kind="PodChaos"):
    """What Chaos Mesh says of the experiment that the node of a workflow has made."""
    return {
        "kind": "Event",
        "metadata": {"annotations": {"chaos-mesh.org/id": "brisa-staging/api-1"}},
        "involvedObject": {"kind": kind, "name": f"{workflow}-fault-x7k2p"},
        "reason": reason,
        "firstTimestamp": at,
    }


def workflow(name, ended, *, accomplished="True", **annotations):
    return {
        "kind": "Workflow",
        "metadata": {"name": name, "namespace": "brisa-staging", "annotations": annotations},
        "status": {
            "endTime": ended,
            "conditions": [{"type": "Accomplished", "status": accomplished}],
        },
    }


def record(data):
    return {
        "kind": "ConfigMap",
        "metadata": {
            "name": "release",
            "namespace": "brisa-platform",
            "creationTimestamp": "2026-11-20T00:00:00Z",
        },
        "data": data,
    }
