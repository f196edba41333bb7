"""Which kinds the API server serves, under which path, and whether they live in namespaces.

Asks per group and version and remembers; a miss is asked again, because a CRD may have come
meanwhile. CRDs that the program is about to make are known before the server knows them.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any, Final

from sandbox.engine.kubernetes import objects
from sandbox.engine.kubernetes.client import ApiClient, Request
from sandbox.engine.kubernetes.errors import ApiError, NoMatchError
from sandbox.engine.kubernetes.objects import Object
from sandbox.engine.kubernetes.tokens import Gvk

_MISS_SECONDS: Final = 0.5
"""How long a miss is believed: thousands of resources of a missing kind ask once, not each."""

_CLUSTER_SCOPED: Final = frozenset(
    [
        "APIService",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "ComponentStatus",
        "CSIDriver",
        "CSINode",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "IngressClass",
        "IPAddress",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PodSecurityPolicy",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "SelfSubjectAccessReview",
        "SelfSubjectReview",
        "SelfSubjectRulesReview",
        "ServiceCIDR",
        "StorageClass",
        "StorageVersion",
        "StorageVersionMigration",
        "SubjectAccessReview",
        "TokenReview",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    ]
)
"""Built-in kinds that live outside namespaces; all others live in one."""


@dataclass(frozen=True)
class Resource:
    """How the API server serves a kind."""

    plural: str
    """The kind's part of the path."""
    namespaced: bool
    """Whether its objects live in namespaces."""


@dataclass(frozen=True)
class _GroupVersion:
    kinds: dict[str, Resource]
    asked_at: float


class Discovery:
    """What one API server serves."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._known: dict[str, _GroupVersion] = {}
        self._planned: dict[tuple[str, str], bool] = {}
        self._lock = threading.Lock()

    def find(self, gvk: Gvk) -> Resource:
        """Return how a kind is served.

        Raises:
            NoMatchError: It is not.
        """
        base = base_path(gvk)
        known = self._known.get(base)
        if known is not None and gvk.kind in known.kinds:
            return known.kinds[gvk.kind]
        with self._lock:
            known = self._known.get(base)
            if known is None or (
                gvk.kind not in known.kinds and time.monotonic() - known.asked_at > _MISS_SECONDS
            ):
                known = _GroupVersion(self._ask(base), time.monotonic())
                self._known[base] = known
        if gvk.kind not in known.kinds:
            raise NoMatchError(gvk)
        return known.kinds[gvk.kind]

    def _ask(self, base: str) -> dict[str, Resource]:
        try:
            answer = self._client.send(Request("GET", base))
        except ApiError as error:
            if error.not_found:
                return {}
            raise
        return {
            item["kind"]: Resource(item["name"], item["namespaced"])
            for item in answer.get("resources", [])
            if "/" not in item["name"]
        }

    def plan(self, crd: Object) -> None:
        """Remember a CRD that the program is about to make."""
        spec = crd.get("spec")
        group, kind = objects.lookup(spec, "group"), objects.lookup(spec, "names", "kind")
        if isinstance(group, str) and isinstance(kind, str):
            self._planned[group, kind] = objects.lookup(spec, "scope") == "Namespaced"

    def is_namespaced(self, gvk: Gvk) -> bool | None:
        """Whether a kind's objects live in namespaces; ``None`` when nobody can tell yet."""
        if gvk.built_in:
            return gvk.kind.removesuffix("Patch") not in _CLUSTER_SCOPED
        planned = self._planned.get((gvk.group, gvk.kind))
        if planned is not None:
            return planned
        try:
            return self.find(gvk).namespaced
        except NoMatchError:
            return None

    def path(self, gvk: Gvk, namespace: str, name: str = "") -> str:
        """Return the path of an object, or of its kind's collection.

        Raises:
            NoMatchError: The kind is not served.
        """
        resource = self.find(gvk)
        scope = f"/namespaces/{namespace or 'default'}" if resource.namespaced else ""
        collection = f"{base_path(gvk)}{scope}/{resource.plural}"
        return f"{collection}/{name}" if name else collection


def base_path(gvk: Gvk) -> str:
    """Return the path under which a group and version are served."""
    return f"/apis/{gvk.api_version}" if gvk.group else f"/api/{gvk.version}"


class NoDiscovery(Discovery):
    """What can be told without an API server."""

    def __init__(self) -> None:
        self._planned = {}

    def find(self, gvk: Gvk) -> Any:
        """Raise: without a server nothing is served."""
        raise NoMatchError(gvk)
