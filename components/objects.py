"""What all components share in how they write Kubernetes objects."""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from vocabulary.kinds import Kind
from vocabulary.labels import FLUX_PRUNE, PLATFORM, standard_labels

TOKEN = "brisa"
"""Package of the components' type tokens: `brisa:<module>:<Class>`."""


def metadata(
    name: str,
    namespace: str | None,
    *,
    part: str,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> ObjectMetaArgs:
    """Object metadata with the platform's labels; `part` is the area that the object belongs to."""
    return ObjectMetaArgs(
        name=name,
        namespace=namespace,
        labels={**standard_labels(part), **(labels or {})},
        annotations=annotations,
    )


def custom_resource(
    name: str,
    kind: Kind,
    metadata: ObjectMetaArgs,
    spec: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> CustomResource:
    """Register an object of a custom kind; `spec` is written as Kubernetes spells it."""
    return CustomResource(
        name,
        api_version=kind.api_version,
        kind=kind.kind,
        metadata=metadata,
        spec=spec,
        opts=opts,
    )


def namespace(
    name: str,
    opts: pulumi.ResourceOptions,
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Namespace:
    """Register a namespace of the platform, which Flux never takes away.

    Whoever writes it into the repository too, and out again, would otherwise delete all that is in
    it.
    """
    kept = {FLUX_PRUNE: "disabled", **(annotations or {})}
    return Namespace(
        name,
        metadata=metadata(name, None, part=PLATFORM, labels=labels, annotations=kept),
        opts=opts,
    )
