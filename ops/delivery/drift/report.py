"""What has drifted, for each owner."""

from collections.abc import Sequence
from typing import Literal

from pydantic import AwareDatetime

from ops.delivery.preview.report import Line, Stack, Step, Text
from vocabulary.promotion.papers import Model


class FluxDrift(Model):
    """Something of Flux that does not, or did not, agree with Git."""

    kind: Line
    """Kind of the Flux object."""

    name: Line
    """`namespace/name` of it."""

    what: Text
    """What is the matter."""

    healed: bool = False
    """Whether Flux has put it right already."""


class DriftReport(Model):
    """Drift of one stack and its cluster."""

    version: Literal[1] = 1
    """Version of this form."""

    stack: Stack
    """Name of the stack."""

    at: AwareDatetime
    """When it was looked for."""

    pulumi: tuple[Step, ...] = ()
    """What the next `pulumi up --refresh` would take back."""

    pending: int = 0
    """Changes that are declared and not deployed yet; they are no drift."""

    flux: tuple[FluxDrift, ...] = ()
    """What Flux has not applied, or has put right."""

    @property
    def well(self) -> bool:
        """Whether nothing needs anybody."""
        return not self.pulumi and all(each.healed for each in self.flux)


def drifted(refreshed: Sequence[Step], declared: Sequence[Step]) -> tuple[Step, ...]:
    """The steps that a look at the cluster adds to those that the program alone makes."""
    known = {step.urn: step for step in declared}
    return tuple(step for step in refreshed if known.get(step.urn) != step)
