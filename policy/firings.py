"""When scheduled faults run: every firing of the coming weeks, with how long each lasts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from policy.experiments import run_length
from policy.resources import Field, Resource
from vocabulary.timing.cron import Cron

MOST_RUNS = 10_000
"""Runs of one Schedule that are looked at. Whoever has more overlaps, or rests too little, long
before the last of them."""


@dataclass(frozen=True, order=True)
class Run:
    """One run of a Schedule."""

    start: datetime
    """When it fires, in UTC."""

    end: datetime
    """When it is over at the latest."""

    schedule: str
    """The Schedule, as people name it."""


def cron_of(place: Field) -> Cron | None:
    """The cron expression at a place; None if there is none, or none that can be read."""
    text = place.text()
    try:
        return None if text is None else Cron.parse(text)
    except ValueError:
        return None


def runs(resource: Resource, weeks: int) -> Iterator[Run]:
    """The runs of a Schedule in the coming weeks; none if cron or length cannot be read."""
    cron, length = cron_of(resource["spec"]["schedule"]), run_length(resource)
    if cron is None or length is None:
        return
    firings = cron.firings(resource.moment, resource.moment + timedelta(weeks=weeks))
    for start in islice(firings, MOST_RUNS):
        yield Run(start, start + length, resource.reference)
