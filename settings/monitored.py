"""What boards and rules are about: the areas of a stack that they follow from."""

from collections.abc import Sequence
from typing import Protocol

from settings.anomaly import Anomaly
from settings.catalogue import Service
from settings.chaos import Chaos
from settings.gitops import GitOps
from settings.mesh import Mesh
from settings.observability import Observability


class Monitored(Protocol):
    """A stack's configuration, as far as boards and rules look at it."""

    @property
    def environment(self) -> str:
        """Kind of stack."""

    @property
    def services(self) -> Sequence[Service]:
        """The catalogue."""

    @property
    def gitops(self) -> GitOps:
        """Flux."""

    @property
    def mesh(self) -> Mesh:
        """Istio."""

    @property
    def chaos(self) -> Chaos:
        """Chaos Mesh."""

    @property
    def anomaly(self) -> Anomaly:
        """The detector."""

    @property
    def observability(self) -> Observability:
        """Boards and rules themselves."""
