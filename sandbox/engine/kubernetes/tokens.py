"""Names of things: URNs, type tokens, groups and versions, resource ids.

Owns the translation between the engine's names (``kubernetes:apps/v1:Deployment``) and the API
server's (group ``apps``, version ``v1``, kind ``Deployment``). Knows nothing of what exists.
"""

from dataclasses import dataclass
from typing import Final, Self

from sandbox.engine.kubernetes.errors import ProviderError

RELEASE_TYPE: Final = "kubernetes:helm.sh/v3:Release"
_PROVIDER_TYPE_PREFIX: Final = "pulumi:providers:"

BUILT_IN_GROUPS: Final = frozenset(
    [
        "admission",
        "admissionregistration.k8s.io",
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "auditregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "settings.k8s.io",
        "storage.k8s.io",
        "storagemigration.k8s.io",
    ]
) | {""}
"""The groups of Kubernetes itself; everything else is a custom resource."""


@dataclass(frozen=True)
class Gvk:
    """What kind an object is of."""

    group: str
    """API group; empty for the core group."""
    version: str
    """API version within the group, such as ``v1``."""
    kind: str
    """Kind, such as ``Deployment``."""

    @property
    def api_version(self) -> str:
        """How objects spell group and version."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def built_in(self) -> bool:
        """Whether the kind belongs to Kubernetes itself."""
        return self.group in BUILT_IN_GROUPS

    def __str__(self) -> str:
        return f"{self.api_version}, Kind={self.kind}"

    @classmethod
    def of(cls, api_version: str, kind: str) -> Self:
        """Read an object's ``apiVersion`` and ``kind``; ``core/v1`` is the core group too."""
        group, _, version = api_version.rpartition("/")
        return cls("" if group == "core" else group, version, kind)


def type_of(urn: str) -> str:
    """Return the resource type of a URN, without its parents' types."""
    return urn.split("::")[2].rpartition("$")[2]


def name_of(urn: str) -> str:
    """Return the resource name of a URN."""
    return urn.split("::", 3)[3]


def is_release(urn: str) -> bool:
    """Whether the URN names a Helm release."""
    return type_of(urn) == RELEASE_TYPE


def is_provider(urn: str) -> bool:
    """Whether the URN names a provider instance."""
    return type_of(urn).startswith(_PROVIDER_TYPE_PREFIX)


def is_default_provider(urn: str) -> bool:
    """Whether the URN names a provider that the engine made by itself."""
    return is_provider(urn) and name_of(urn).startswith("default")


def is_list(urn: str) -> bool:
    """Whether the URN names a list kind of Kubernetes itself, which exists in manifests only."""
    gvk = gvk_of(urn)
    return gvk.built_in and gvk.kind.endswith("List") and gvk.group != "apiextensions.k8s.io"


def is_patch(urn: str, kind: str) -> bool:
    """Whether the URN names a resource that manages some fields of an object of ``kind``."""
    return gvk_of(urn).kind == f"{kind}Patch"


def gvk_of(urn: str) -> Gvk:
    """Return the kind that a URN's type token stands for.

    Raises:
        ProviderError: The token is not one of this provider's.
    """
    token = type_of(urn)
    package, _, rest = token.partition(":")
    api_version, _, kind = rest.rpartition(":")
    if package != "kubernetes":
        raise ProviderError(f'unrecognized resource type: "{token}" for this provider')
    if api_version.count("/") != 1:
        raise ProviderError(f'apiVersion does not have both a group and a version: "{api_version}"')
    return Gvk.of(api_version, kind)


def resource_id(namespace: str, name: str) -> str:
    """Return the id under which the engine keeps an object."""
    return f"{namespace}/{name}" if namespace else name


def parse_id(identifier: str) -> tuple[str, str]:
    """Split a resource id into namespace (empty if there is none) and name."""
    namespace, slash, name = identifier.partition("/")
    return (namespace, name) if slash else ("", namespace)
