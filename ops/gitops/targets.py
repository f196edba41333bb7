"""Which Flux object a person means: `kustomization/apps`, `ks/apps`, or only `apps`."""

from ops.cluster import Cluster, Ref, Resource
from ops.errors import UsageError
from ops.gitops.status import flux_kinds
from vocabulary.kinds import KUSTOMIZATION

NAMESPACE = "flux-system"
"""Where Flux's objects are unless told otherwise."""


def find_target(cluster: Cluster, text: str, namespace: str) -> tuple[Resource, Ref]:
    """The kind and the object that are meant; whether the object exists is not looked at.

    Raises:
        UsageError: when Flux has no kind that is called so.
    """
    word, slash, name = text.rpartition("/")
    kinds = flux_kinds(cluster)
    resource = cluster.catalogue.named(word if slash else KUSTOMIZATION.kind, kinds)
    if resource is None:
        known = ", ".join(sorted(each.kind.lower() for each in kinds))
        raise UsageError(f"Flux has no kind {word!r} in this cluster; it has: {known}")
    return resource, Ref(resource.kind, namespace, name)
