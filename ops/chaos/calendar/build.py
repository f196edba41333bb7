"""Putting the calendar together: firings, rules, clashes, and how much goes on at once. Pure."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from ops.chaos.calendar.document import Calendar, Clash, Peak, Planned
from ops.chaos.calendar.planned import length_of, pods_of, services_of
from ops.chaos.state import has_run, is_paused
from ops.cluster import Object
from vocabulary.timing.cron import Cron, time_zone
from vocabulary.timing.window import WEEKDAYS, Freeze, Window, weekdays

MOST_RUNS = 10_000
"""Firings of one Schedule that are looked at."""


@dataclass(frozen=True)
class Rules:
    """What a stack says of when experiments may run, and of who calls whom."""

    window: Window | None = None
    """When they may; None for at any time."""

    freezes: Sequence[Freeze] = ()
    """When they may not, window or not."""

    callers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Callers of each service."""

    def objection(self, start: datetime, length: timedelta) -> str:
        """What speaks against a run; empty when nothing does."""
        if self.window and not self.window.contains(start, length):
            return "is not inside the window"
        if any(freeze.touches(start, length) for freeze in self.freezes):
            return "falls into a freeze"
        return ""


def rules_of(chaos: Mapping[str, Any], services: Iterable[Mapping[str, Any]]) -> Rules:
    """The rules of a stack, as its file says them.

    Raises:
        ValueError: when a time, a day or a zone is none.
    """
    window = chaos.get("window") or {}
    zone = time_zone(str(window.get("timezone", "UTC")))
    opens, closes = (
        time.fromisoformat(str(window.get(key, default)))
        for key, default in (("opens", "02:00"), ("closes", "06:00"))
    )
    days = weekdays(window.get("days") or WEEKDAYS[:5])
    freezes = [
        Freeze(_day(each["first"]), _day(each["last"]), zone) for each in chaos.get("freezes") or ()
    ]
    callers = {str(each.get("name")): list(each.get("callers") or ()) for each in services}
    return Rules(Window(days, opens, closes, zone), freezes, callers)


def _day(text: object) -> date:
    return date.fromisoformat(str(text)[:10])


def calendar_of(
    schedules: Iterable[Object], rules: Rules, now: datetime, weeks: int = 4
) -> Calendar:
    """The calendar of Schedule objects."""
    until = now + timedelta(weeks=weeks)
    planned = [_plan(each, rules, now, until) for each in schedules if not has_run(each)]
    planned.sort(key=lambda each: (each.namespace, each.name))
    runs = sorted(
        (start, start + timedelta(seconds=each.seconds), place)
        for place, each in enumerate(planned)
        for start in each.starts
    )
    clashes = tuple(_clashes(planned, runs, rules.callers))
    return Calendar(
        at=now,
        until=until,
        well=not clashes and not any(each.problems for each in planned),
        schedules=tuple(planned),
        clashes=clashes,
        most_experiments=_peak(runs, [1] * len(planned)),
        most_pods=_peak(runs, [each.pods for each in planned]),
    )


def _plan(schedule: Object, rules: Rules, now: datetime, until: datetime) -> Planned:
    cron, length, starts = str(schedule["spec"].get("schedule", "")), timedelta(), []
    problems: list[str] = []
    paused = is_paused(schedule)
    try:
        read = Cron.parse(cron)
        length = length_of(schedule)
        if not paused:
            starts = list(islice(read.firings(now, until), MOST_RUNS))
        problems += _objections(starts, length, rules)
    except (KeyError, ValueError) as error:
        problems.append(f"cannot be read: {error}")
    return Planned(
        namespace=str(schedule["metadata"].get("namespace", "")),
        name=str(schedule["metadata"].get("name", "")),
        cron=cron,
        services=tuple(sorted(services_of(schedule))),
        pods=pods_of(schedule),
        seconds=length.total_seconds(),
        paused=paused,
        starts=tuple(starts),
        problems=tuple(problems),
    )


def _objections(starts: Sequence[datetime], length: timedelta, rules: Rules) -> Iterator[str]:
    """Each kind of objection once, with the first run that it is about."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for start in starts:
        if objection := rules.objection(start, length):
            found[objection].append(start)
    for objection, runs in found.items():
        more = f", and {len(runs) - 1} more" if len(runs) > 1 else ""
        yield f"the run of {runs[0]:%a %Y-%m-%d %H:%M} UTC {objection}{more}"


def _clashes(
    planned: Sequence[Planned],
    runs: Sequence[tuple[datetime, datetime, int]],
    callers: Mapping[str, Sequence[str]],
) -> Iterator[Clash]:
    """Looks only at what is under way on the services that a run has to do with."""
    near: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for service, its in callers.items():
        for caller in its:
            near[service].append((caller, f"{caller} -> {service}"))
            near[caller].append((service, f"{caller} -> {service}"))
    active: dict[str, dict[int, datetime]] = defaultdict(dict)
    first: dict[tuple[int, int], tuple[datetime, str]] = {}
    times: Counter[tuple[int, int]] = Counter()
    for start, end, place in runs:
        met: dict[int, str] = {}
        for service in planned[place].services:
            for other, about in ((service, service), *near.get(service, ())):
                under_way = active[other]
                for earlier in [each for each, over in under_way.items() if over <= start]:
                    del under_way[earlier]
                met |= {each: about for each in under_way if each != place and each not in met}
            active[service][place] = end
        for earlier, about in met.items():
            first.setdefault((earlier, place), (start, about))
            times[earlier, place] += 1
    for (earlier, place), (start, about) in first.items():
        yield Clash(
            one=f"{planned[earlier].namespace}/{planned[earlier].name}",
            other=f"{planned[place].namespace}/{planned[place].name}",
            about=about,
            first=start,
            times=times[earlier, place],
        )


def _peak(runs: Sequence[tuple[datetime, datetime, int]], weights: Sequence[int]) -> Peak:
    ends: list[tuple[datetime, int]] = []
    load = highest = 0
    at: datetime | None = None
    for start, end, place in runs:
        while ends and ends[0][0] <= start:
            load -= heapq.heappop(ends)[1]
        load += weights[place]
        heapq.heappush(ends, (end, weights[place]))
        if load > highest:
            highest, at = load, start
    return Peak(count=highest, at=at)
