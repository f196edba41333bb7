"""What the checks ask, and the two ways in which they answer."""

from dataclasses import dataclass

from ops.alerts import Alertmanager
from ops.cluster import Cluster
from ops.doctor.document import Check
from ops.doctor.stack import Stack
from ops.prometheus import Prometheus


@dataclass(frozen=True)
class Room:
    """Whom the checks ask."""

    cluster: Cluster
    """The cluster."""

    stack: Stack
    """The stack that is to come into it; an empty one where none was named."""

    prometheus: Prometheus | None = None
    """Its Prometheus, where it can be reached."""

    alertmanager: Alertmanager | None = None
    """Its Alertmanager, where it can be reached."""


def well(area: str, name: str, found: str) -> Check:
    """Something is as it has to be."""
    return Check(area=area, name=name, state="well", found=found)


def unwell(area: str, name: str, found: str, remedy: str) -> Check:
    """Something would break."""
    return Check(area=area, name=name, state="unwell", found=found, remedy=remedy)


def unknown(area: str, name: str, found: str, remedy: str = "") -> Check:
    """Something could not be told."""
    return Check(area=area, name=name, state="unknown", found=found, remedy=remedy)
