"""What the checks ask, and the three ways in which they answer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ops.alerts import Alertmanager
from ops.cluster import Cluster, Resource
from ops.doctor.document import Check
from ops.errors import NotInstalledError
from ops.prometheus import Prometheus
from ops.stack import Stack
from vocabulary.kinds import Kind


@dataclass(frozen=True)
class Room:
    """Whom the checks ask."""

    cluster: Cluster
    """The cluster."""

    stack: Stack = field(default_factory=Stack)
    """The stack that is to come into it; an empty one where none was named."""

    prometheus: Prometheus | None = None
    """Its Prometheus, where it can be reached."""

    alertmanager: Alertmanager | None = None
    """Its Alertmanager, where it can be reached."""

    def served(self, kind: Kind) -> Resource | None:
        """A kind as the cluster serves it, under whichever version; None when it does not."""
        try:
            return self.cluster.catalogue.find(kind)
        except NotInstalledError:
            return None


Examiner = Callable[[Room], Iterator[Check]]
"""Looks at one thing. Its area, and its name unless the check has another, the examination says."""


def well(found: str, *, name: str = "") -> Check:
    """Something is as it has to be."""
    return Check(area="", name=name, state="well", found=found)


def unwell(found: str, remedy: str, *, name: str = "") -> Check:
    """Something would break."""
    return Check(area="", name=name, state="unwell", found=found, remedy=remedy)


def unknown(found: str, remedy: str = "", *, name: str = "") -> Check:
    """Something could not be told."""
    return Check(area="", name=name, state="unknown", found=found, remedy=remedy)
