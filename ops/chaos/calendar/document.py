"""The calendar as a document."""

from typing import Literal

from pydantic import AwareDatetime

from ops.documents import Document, Part


class Planned(Part):
    """A Schedule, and when it fires."""

    namespace: str
    """Its namespace."""

    name: str
    """Its name."""

    cron: str
    """When it fires, as it is written."""

    services: tuple[str, ...]
    """Whom it hits, by the labels of their pods."""

    pods: int
    """How many pods it hits at once, at most."""

    seconds: float
    """How long a run takes, at most."""

    paused: bool
    """Whether it starts nothing as it is."""

    starts: tuple[AwareDatetime, ...]
    """Its firings, exactly as Chaos Mesh computes them; none while it is paused."""

    problems: tuple[str, ...]
    """What is wrong with it alone: outside the window, in a freeze, unreadable."""


class Clash(Part):
    """Two Schedules that act at once on what hangs together."""

    one: str
    """The one that is under way: `namespace/name`."""

    other: str
    """The one that begins meanwhile."""

    about: str
    """The service that both hit, or `caller -> callee`."""

    first: AwareDatetime
    """When this happens first."""

    times: int
    """How often it does."""


class Peak(Part):
    """The moment at which most is going on."""

    count: int
    """How much."""

    at: AwareDatetime | None
    """When it is first so; null when nothing is."""


class Calendar(Document):
    """When experiments run in the coming weeks, and what is wrong with that."""

    document: Literal["chaos-calendar/1"] = "chaos-calendar/1"
    """Name and version of this document."""

    at: AwareDatetime
    """From when on."""

    until: AwareDatetime
    """To when."""

    well: bool
    """Whether nothing clashes, and no Schedule has a problem."""

    schedules: tuple[Planned, ...]
    """Every Schedule."""

    clashes: tuple[Clash, ...]
    """Pairs that act at once on a service, or on a caller and its callee."""

    most_experiments: Peak
    """Most experiments at once."""

    most_pods: Peak
    """Most pods with a fault at once, at most."""
