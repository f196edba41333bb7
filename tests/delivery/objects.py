"""Objects as a cluster gives them, and a cluster that holds what a test puts into it."""

from dataclasses import dataclass, field
from typing import Any

from delivery.cluster import Cluster
from delivery.errors import ClusterError

READY = [{"type": "Ready", "status": "True", "reason": "ReconciliationSucceeded"}]
REVISION = "develop@sha1:8f3c1d0e"


@dataclass(frozen=True)
class HeldCluster(Cluster):
    """Answers from a list."""

    objects: tuple[dict[str, Any], ...] = field(default=())

    def all(self, kind):
        return [each for each in self.objects if each["kind"] == kind.kind]

    def one(self, kind, namespace, name):
        wanted = (namespace, name)
        for each in self.all(kind):
            if (each["metadata"]["namespace"], each["metadata"]["name"]) == wanted:
                return each
        return None


@dataclass(frozen=True)
class DeadCluster(Cluster):
    """Answers nobody."""

    def all(self, _kind):
        raise ClusterError("the current cluster: connection refused")

    def one(self, *_):
        raise ClusterError("the current cluster: connection refused")


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
        "metadata": {"name": "release", "namespace": "brisa-platform"},
        "data": data,
    }
