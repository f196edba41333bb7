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
ROOT_NAMESPACE = "istio-system"
"""Istio's own: its policies and DestinationRules count for the whole mesh."""

POD_INJECTION = "sidecar.istio.io/inject"
AMBIENT = "istio.io/dataplane-mode"


def effective(
    namespace: str, pod: Mapping[str, str] | None, policies: Sequence[Object], root: str
) -> tuple[Mode, dict[str, str], Object]:
    """The mode that counts, the ports that have another, and the policy that gave them that.

    `pod` are the labels of its pods; None for one that no policy selects.
    """
    local, above = ([p for p in policies if _namespace(p) == at] for at in (namespace, root))
    mine = [p for p in local if _selector(p) and pod is not None and matches(_selector(p), pod)]
    selecting = _oldest([] if namespace == root else mine)
    whole = (_oldest([p for p in each if not _selector(p)]) for each in (local, above))
    modes = (lookup(each, "spec", "mtls", "mode") for each in (selecting, *whole))
    mode = next((each for each in modes if each and each != "UNSET"), DEFAULT)
    ports = lookup(selecting, "spec", "portLevelMtls") or {}
    own = {str(port): str(each.get("mode", "UNSET")) for port, each in ports.items()}
    own = {port: each for port, each in own.items() if each not in ("UNSET", mode)}
    return mode, own, selecting


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


def _namespace(policy: Object) -> str:
    return str(policy["metadata"]["namespace"])


def _selector(policy: Object) -> Mapping[str, str]:
    return lookup(policy, "spec", "selector", "matchLabels") or {}


def _oldest(policies: Sequence[Object]) -> Object:
    return min(
        policies,
        key=lambda each: (each["metadata"].get("creationTimestamp", ""), each["metadata"]["name"]),
        default={},
    )
