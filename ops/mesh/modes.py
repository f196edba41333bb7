"""Which mutual-TLS mode counts for a workload, and whether it is part of the mesh. Pure.

As istiod decides it: the PeerAuthentication that selects the workload, else that of its namespace,
else that of the root namespace, else PERMISSIVE; among several the oldest; UNSET asks the next.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from ops.cluster.objects import Object, annotations, labels, lookup, matches
from vocabulary.labels import INJECTION, REVISION

Mode = Literal["STRICT", "PERMISSIVE", "DISABLE"]

DEFAULT: Mode = "PERMISSIVE"
POD_INJECTION = "sidecar.istio.io/inject"
AMBIENT = "istio.io/dataplane-mode"


def effective(
    namespace: str, pod: Mapping[str, str] | None, policies: Sequence[Object], root: str
) -> tuple[Mode, dict[str, str]]:
    """The mode that counts, and the ports that have another.

    `pod` are the labels of its pods; None for one that no policy selects.
    """
    whole = [
        _oldest([p for p in _of(policies, at) if not _selector(p)]) for at in (namespace, root)
    ]
    chain = [selecting(namespace, pod, policies, root), *whole]
    modes = (lookup(each, "spec", "mtls", "mode") for each in chain)
    mode = next((each for each in modes if each and each != "UNSET"), DEFAULT)
    ports = lookup(chain[0], "spec", "portLevelMtls") or {}
    own = {str(port): str(each.get("mode", "UNSET")) for port, each in ports.items()}
    return mode, {port: each for port, each in own.items() if each not in ("UNSET", mode)}


def selecting(
    namespace: str, pod: Mapping[str, str] | None, policies: Sequence[Object], root: str
) -> Object:
    """The PeerAuthentication that selects a workload and counts; empty where none does."""
    if pod is None or namespace == root:
        return {}
    local = [each for each in _of(policies, namespace) if _selector(each)]
    return _oldest([each for each in local if matches(_selector(each), pod)])


def is_meshed(space: Object) -> bool:
    """Whether pods of a namespace get a sidecar, or its traffic goes through a node's proxy."""
    given = labels(space)
    return (
        given.get(INJECTION) == "enabled"
        or (REVISION in given and given.get(INJECTION) != "disabled")
        or given.get(AMBIENT) == "ambient"
    )


def joins(pod: Mapping[str, str], notes: Mapping[str, str], space: Object) -> bool:
    """Whether pods with these labels and annotations are part of the mesh."""
    if AMBIENT in pod:
        return pod[AMBIENT] == "ambient"
    said = pod.get(POD_INJECTION) or notes.get(POD_INJECTION)
    if said is not None:
        disabled = labels(space).get(INJECTION) == "disabled"
        return said == "true" and not disabled
    return is_meshed(space)


def template_labels(item: Object) -> Mapping[str, str]:
    """Labels of a workload's pods."""
    return lookup(item, "spec", "template", "metadata", "labels") or {}


def template_annotations(item: Object) -> Mapping[str, str]:
    """Annotations of a workload's pods."""
    return annotations(lookup(item, "spec", "template") or {})


def _of(policies: Sequence[Object], namespace: str) -> list[Object]:
    return [each for each in policies if each["metadata"]["namespace"] == namespace]


def _selector(policy: Object) -> Mapping[str, str]:
    return lookup(policy, "spec", "selector", "matchLabels") or {}


def _oldest(policies: Sequence[Object]) -> Object:
    return min(
        policies,
        key=lambda each: (each["metadata"].get("creationTimestamp", ""), each["metadata"]["name"]),
        default={},
    )
