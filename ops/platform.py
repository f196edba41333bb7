"""Is the platform well? Every area in one line, all of them asked at the same time.

An area is `well`, `unwell`, `unknown` (it should have been asked, and could not be) or `off` (not
installed, or nobody said where to ask). Unwell and unknown make the platform not well; what is off
is said, and guessed about never.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime

from ops.areas import AREAS, Name, Said, Sources, State
from ops.documents import Document, Part
from ops.errors import NotInstalledError, OpsError


class Area(Part):
    """One line of the status."""

    name: Name
    """Which part of the platform."""

    state: State
    """How it is."""

    summary: str
    """In a few words."""

    details: tuple[str, ...] = ()
    """What to look at, worst first."""


class Status(Document):
    """Whether the platform is well."""

    document: Literal["status/1"] = "status/1"
    """Name and version of this document."""

    at: AwareDatetime
    """When it was asked."""

    cluster: str
    """Name of the kubeconfig's context."""

    well: bool
    """Whether no area is unwell or unknown."""

    areas: tuple[Area, ...]
    """The areas."""


def get_status(sources: Sources) -> Status:
    """Ask how the platform is.

    Raises:
        ClusterError: when the cluster itself cannot be asked.
    """
    _ = sources.cluster.catalogue  # one question that all areas need, and the first that can fail
    with ThreadPoolExecutor(len(AREAS)) as pool:
        found = tuple(pool.map(lambda area: _ask(area, AREAS[area], sources), AREAS))
    return Status(
        at=datetime.now(UTC),
        cluster=sources.cluster.name,
        well=not any(area.state in ("unwell", "unknown") for area in found),
        areas=found,
    )


def _ask(name: Name, look: Callable[[Sources], Said], sources: Sources) -> Area:
    try:
        said = look(sources)
    except NotInstalledError as error:
        said = Said("off", str(error))
    except OpsError as error:
        said = Said("unknown", str(error))
    return Area(name=name, state=said.state, summary=said.summary, details=tuple(said.details))
