"""Which kinds a cluster serves: under which version, path and short names.

One request answers for all groups (aggregated discovery, Kubernetes 1.30 and later). So a kind that
is not installed is known before it is asked for, and kinds that moved from one version to another
are found under whichever is served.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops.cluster.objects import Ref
from ops.errors import ClusterError, NotInstalledError, UsageError
from vocabulary.kinds import Kind

ACCEPT = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_DOCUMENT = "APIGroupDiscoveryList"

OWNERS = {
    "toolkit.fluxcd.io": "Flux",
    "fluxcd.controlplane.io": "the Flux Operator",
    "istio.io": "Istio",
    "chaos-mesh.org": "Chaos Mesh",
}
"""Who brings the kinds of a group, for messages."""


@dataclass(frozen=True)
class Resource:
    """One kind, as the cluster serves it."""

    api_version: str
    """`group/version`, or `v1`."""

    kind: str
    """CamelCase, singular."""

    plural: str
    """As in paths."""

    namespaced: bool = True
    """Whether its objects live in namespaces."""

    names: frozenset[str] = field(default=frozenset(), compare=False)
    """What people may call it: plural, singular, short names, in lower case."""

    verbs: frozenset[str] = field(default=frozenset(), compare=False)
    """What can be done with it."""

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return self.api_version.rpartition("/")[0]

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """Where its objects are: all of them, those of a namespace, or one."""
        parts = ["/apis" if self.group else "/api", self.api_version]
        if namespace and self.namespaced:
            parts += ["namespaces", namespace]
        return "/".join([*parts, self.plural, *([name] if name else [])])


_OF_NO_NAMESPACE = ("Namespace", "Node", "PersistentVolume")
_OF_NAMESPACES = (
    *("ConfigMap", "Endpoints", "Event", "LimitRange", "PersistentVolumeClaim", "Pod"),
    *("PodTemplate", "ReplicationController", "ResourceQuota", "Secret", "Service"),
    "ServiceAccount",
)
_CORE = {
    kind: Resource("v1", kind, f"{kind.lower().removesuffix('s')}s", kind in _OF_NAMESPACES)
    for kind in (*_OF_NO_NAMESPACE, *_OF_NAMESPACES)
}
"""Kinds of the core group, which is not in what is asked and gets no new ones."""


class Catalogue:
    """The kinds of all groups but the core one, each under its preferred version."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Read the API server's answer.

        Raises:
            ClusterError: when it is of another kind.
        """
        if document.get("kind") != _DOCUMENT:
            raise ClusterError(
                "the API server does not list its kinds in one document; Kubernetes 1.30 or newer "
                "is needed"
            )
        self._served = {(each.group, each.kind): each for each in _resources(document)}

    def group(self, suffix: str) -> list[Resource]:
        """The kinds of a group, and of those below it, that can be listed."""
        return [
            each
            for each in self._served.values()
            if f".{each.group}".endswith(f".{suffix}") and "list" in each.verbs
        ]

    def find(self, kind: Kind | Resource) -> Resource:
        """A kind by its name and group, under whichever version is served.

        Raises:
            NotInstalledError: when it is not served.
        """
        served = self._served.get((kind.group, kind.kind))
        found = served if kind.group else _CORE.get(kind.kind)
        if found is None:
            raise NotInstalledError(
                f"the cluster has no kind {kind.kind} of {kind.group}: {missing(kind.group)}"
            )
        return found


def meant(
    text: str, namespace: str, kinds: Sequence[Resource], *, default: Kind, owner: str
) -> Ref:
    """The object that a person means: `kind/name`, or the name of one of the default kind.

    Whether it exists is not looked at.

    Raises:
        UsageError: when none of the kinds is called so.
    """
    word, slash, name = text.rpartition("/")
    called = word if slash else default.kind
    for each in kinds:
        if called.lower() in each.names:
            return Ref(Kind(each.api_version, each.kind), namespace, name)
    known = ", ".join(sorted(each.kind.lower() for each in kinds))
    raise UsageError(f"{owner} has no kind {called!r} in this cluster; it has: {known}")


def missing(group: str) -> str:
    """What it means that a group is not served."""
    owner = next((who for end, who in OWNERS.items() if group.endswith(end)), None)
    return (
        f"{owner} is not installed in it, or its definitions are gone"
        if owner
        else "its definition is not installed"
    )


def _resources(document: Mapping[str, Any]) -> Iterator[Resource]:
    for group in document.get("items", ()):
        seen: set[str] = set()
        name = group["metadata"].get("name", "")
        for version in group.get("versions", ()):
            for each in version.get("resources", ()):
                kind = each.get("responseKind", {}).get("kind", "")
                if kind and kind not in seen:
                    seen.add(kind)
                    yield _resource(f"{name}/{version['version']}", kind, each)


def _resource(api_version: str, kind: str, served: Mapping[str, Any]) -> Resource:
    plural = served["resource"]
    called = (plural, served.get("singularResource", ""), kind, *served.get("shortNames", ()))
    return Resource(
        api_version=api_version,
        kind=kind,
        plural=plural,
        namespaced=served.get("scope") == "Namespaced",
        names=frozenset(word.lower() for word in called if word),
        verbs=frozenset(served.get("verbs", ())),
    )
