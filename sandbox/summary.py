"""What a stack consists of, in one figure per area."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

_STACK_TYPE = "pulumi:pulumi:Stack"
_PROVIDER_PREFIX = "pulumi:providers:"
_NO_COMPONENT = "(no component)"


def objects_by_area(resources: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count the resources of a deployment by the kind of the outermost component around them.

    Args:
        resources: `deployment.resources` of `pulumi stack export`.
    """
    by_urn = {resource["urn"]: resource for resource in resources}
    counted = Counter(
        _area(resource, by_urn)
        for resource in resources
        if resource.get("custom") and not resource["type"].startswith(_PROVIDER_PREFIX)
    )
    return dict(sorted(counted.items()))


def _area(resource: Mapping[str, Any], by_urn: Mapping[str, Mapping[str, Any]]) -> str:
    """Class of the resource's outermost ancestor below the stack."""
    area = _NO_COMPONENT
    while (parent := by_urn.get(resource.get("parent", ""))) is not None:
        if parent["type"] == _STACK_TYPE:
            break
        area = str(parent["type"]).rpartition(":")[2]
        resource = parent
    return area
