"""The calendar of experiments: where the runs of the coming weeks fall, and what forbids them.

Owns the checks that need the firings: window, freezes, rest, overlap. Schedules are expanded once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice, pairwise

from settings.catalogue import Service
from settings.chaos import Chaos
from settings.faults import AnyFault, NetworkFault
from settings.problems import EDIT, Problem, nearest
from settings.problems import listed as names
from settings.recurring import AnyRecurring
from settings.schema import Path
from settings.types import NEARLY
from vocabulary.timing.cron import Cron
from vocabulary.timing.duration import format_duration

MOST_RUNS = 10_000
"""Runs of one schedule that are looked ahead at: once an hour for more than a year."""

LONG_AGO = timedelta(days=300)
"""After which a freeze is a slip of the pen rather than one that nobody has taken out yet."""

FAR = timedelta(days=800)
"""Ahead of which nobody plans: a day beyond it is a slip of the pen, or stands for never."""


@dataclass(frozen=True)
class Experiment:
    """A schedule of the stack, seen as runs on a calendar."""

    path: Path
    """Where it is configured."""

    name_path: Path
    """Where its name is."""

    name: str
    """Name of its Schedule object."""

    cron: Cron
    """When it starts."""

    duration: timedelta
    """How long a run takes."""

    paused: bool
    """Whether it is created without firing; then freezes do not concern it."""

    faults: tuple[tuple[Path, AnyFault], ...]
    """What it injects, with the place of each in the configuration."""

    at_once: bool
    """Whether all of them act side by side."""

    def runs(self, now: datetime, span: timedelta) -> list[datetime]:
        """Starts within `span` of `now`, in UTC; one more than `MOST_RUNS` where there are more."""
        return list(islice(self.cron.firings(now, now + span), MOST_RUNS + 1))

    @property
    def targets(self) -> frozenset[str]:
        """The services that it hits."""
        return frozenset(fault.target for _, fault in self.faults)


def experiments(chaos: Chaos) -> list[Experiment]:
    """All schedules of the stack."""
    return [
        *(
            _experiment(chaos, each, ("schedules", place), ("fault", "name"), [("fault",)])
            for place, each in enumerate(chaos.schedules)
        ),
        *(
            _experiment(
                chaos,
                each,
                ("workflows", place),
                ("name",),
                [("steps", step) for step in range(len(each.steps))],
            )
            for place, each in enumerate(chaos.workflows)
        ),
    ]


def zoned(cron: str, timezone: str) -> str:
    """A cron expression that names its time zone; the window's when it has none of its own."""
    return cron if cron.startswith(("CRON_TZ=", "TZ=")) else f"CRON_TZ={timezone} {cron}"


def _experiment(
    chaos: Chaos, scheduled: AnyRecurring, place: Path, name: Path, steps: Sequence[Path]
) -> Experiment:
    path: Path = ("chaos", *place)
    return Experiment(
        path,
        (*path, *name),
        scheduled.name,
        Cron.parse(zoned(scheduled.cron, chaos.window.timezone)),
        chaos.duration(scheduled),
        scheduled.paused,
        tuple(((*path, *step), fault) for step, fault in zip(steps, scheduled.steps, strict=True)),
        scheduled.order == "parallel",
    )


def check_chaos(
    chaos: Chaos, services: Mapping[str, Service] | None, now: datetime, *, always: bool = False
) -> Iterator[Problem]:
    """All that must hold for the stack's experiments.

    Args:
        chaos: the area.
        services: the catalogue; None when not all of it is known.
        now: the moment from which firings are looked at.
        always: whether the window may be open round the clock.
    """
    listed = experiments(chaos)
    if not always:
        yield from _check_window(chaos)
    yield from _check_names(listed)
    yield from _check_freezes(chaos, now)
    for experiment, scheduled in zip(listed, chaos.recurring, strict=True):
        if scheduled.health is None:
            yield Problem(
                (*experiment.path, "health"),
                "nobody watches it",
                "a health of its own, or chaos.health for all",
                remedy=EDIT,
            )
    for experiment in listed:
        if services is not None:
            for path, fault in experiment.faults:
                yield from _check_target(path, fault, services)
            if experiment.at_once:
                yield from _check_together(experiment, services)
    span = timedelta(weeks=chaos.lookahead_weeks)
    runs = [experiment.runs(now, span) for experiment in listed]
    for experiment, starts in zip(listed, runs, strict=True):
        yield from _check_firings(experiment, starts, chaos)
    if all(len(starts) <= MOST_RUNS for starts in runs):
        yield from _check_overlaps(listed, runs, services or {})


def _check_window(chaos: Chaos) -> Iterator[Problem]:
    """A window that is open round the clock keeps no experiment from anything."""
    window = chaos.window
    day = timedelta(days=1)
    length = (_since_midnight(window.closes) - _since_midnight(window.opens)) % day or day
    if len(window.days) * length > NEARLY * 7 * day or length == day:
        yield Problem(
            ("chaos", "window", "closes"),
            "leaves the window open round the clock, or nearly",
            "hours with little traffic; round the clock only in a sandbox",
            f"{chaos.window.closes:%H:%M}",
        )


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute)


def _check_names(listed: Sequence[Experiment]) -> Iterator[Problem]:
    counts = Counter(experiment.name for experiment in listed)
    for experiment in listed:
        if counts[experiment.name] > 1:
            yield Problem(
                experiment.name_path,
                "names more than one schedule or workflow",
                "a name that no other has",
                experiment.name,
            )


def _check_freezes(chaos: Chaos, now: datetime) -> Iterator[Problem]:
    for place, freeze in enumerate(chaos.freezes):
        if now.date() - freeze.last > LONG_AGO:
            yield Problem(
                ("chaos", "freezes", place, "last"),
                "was long ago: is it the year that is wrong?",
                "a day of this year or later, or no such freeze",
                str(freeze.last),
            )
        elif freeze.last - now.date() > FAR:
            yield Problem(
                ("chaos", "freezes", place, "last"),
                "is years ahead: is it the year that is wrong?",
                f"a day within {FAR.days} days; paused: true, or killSwitch, has no end",
                str(freeze.last),
            )


def _check_target(
    path: Path, fault: AnyFault, services: Mapping[str, Service]
) -> Iterator[Problem]:
    service = services.get(fault.target)
    willing = sorted(name for name, service in services.items() if service.chaos)
    allowed = f"a service with chaos: true ({names(willing) or 'there is none'})"
    if service is None:
        what = f"no such service{nearest(fault.target, services)}"
        yield Problem((*path, "target"), what, allowed, fault.target)
    elif not service.chaos:
        what = "this service does not allow experiments"
        yield Problem((*path, "target"), what, allowed, fault.target)
    elif fault.pods >= service.replicas:
        yield Problem(
            (*path, "pods"),
            f"{fault.target} has {service.replicas} replicas and none would be left",
            "more replicas for the service"
            if service.replicas == 1
            else f"at most {service.replicas - 1}, or more replicas for the service",
            fault.pods,
        )
    if isinstance(fault, NetworkFault) and fault.peer is not None:
        yield from _check_peer(path, fault.target, fault.peer, services)


def _check_together(experiment: Experiment, services: Mapping[str, Service]) -> Iterator[Problem]:
    """What acts side by side leaves a pod of each service alone, all together."""
    hit = Counter(fault.target for _, fault in experiment.faults for _ in range(fault.pods))
    for target, pods in hit.items():
        single = max(fault.pods for _, fault in experiment.faults if fault.target == target)
        replicas = services[target].replicas if target in services else None
        if replicas is not None and single < replicas <= pods:
            yield Problem(
                (*experiment.path, "order"),
                f"its steps hit {pods} pods of {target} at once, which has {replicas}",
                "order: serial, fewer pods, or more replicas for the service",
                "parallel",
                remedy=EDIT,
            )


def _check_peer(
    path: Path, target: str, peer: str, services: Mapping[str, Service]
) -> Iterator[Problem]:
    """Packets go to services that the target calls, in namespaces that Chaos Mesh looks at."""
    called = sorted(name for name, service in services.items() if target in service.callers)
    if peer not in called:
        yield Problem(
            (*path, "peer"),
            f"{target} is no caller of it, so nothing would be hit",
            f"a service that {target} calls ({names(called) or 'there is none'})",
            peer,
        )
    elif services[peer].namespace not in {s.namespace for s in services.values() if s.chaos}:
        yield Problem(
            (*path, "peer"),
            f"no service of its namespace, {services[peer].namespace}, allows experiments, so "
            "Chaos Mesh does not see it",
            "a service in a namespace of one with chaos: true",
            peer,
        )


def _check_firings(
    experiment: Experiment, starts: Sequence[datetime], chaos: Chaos
) -> Iterator[Problem]:
    path, cron = (*experiment.path, "cron"), experiment.cron.expression
    length = format_duration(experiment.duration)
    if not starts:
        yield Problem(
            path, f"never fires in the next {chaos.lookahead_weeks} weeks", "one that does", cron
        )
    if len(starts) > MOST_RUNS:
        yield Problem(
            path,
            f"fires more than {MOST_RUNS} times in the next {chaos.lookahead_weeks} weeks",
            "a few runs a day, or a lower lookaheadWeeks",
            cron,
        )
        return
    window, rule = chaos.window.window(), chaos.window
    outside = next((run for run in starts if not window.contains(run, experiment.duration)), None)
    if outside:
        yield Problem(
            path,
            f"the run of {length} at {_local(outside, experiment)} is not inside the window",
            f"runs between {rule.opens:%H:%M} and {rule.closes:%H:%M} {rule.timezone}"
            f"{'' if rule.closes > rule.opens else ' the next day'}, opening on "
            f"{', '.join(rule.days)}",
            cron,
        )
    for frozen in () if experiment.paused else chaos.freezes:
        freeze = frozen.freeze(chaos.window.timezone)
        hit = next((run for run in starts if freeze.touches(run, experiment.duration)), None)
        if hit:
            yield Problem(
                path,
                f"the run at {_local(hit, experiment)} falls into the freeze {frozen.first} to "
                f"{frozen.last} ({frozen.reason})",
                "days outside every freeze, or paused: true until the freeze is over",
                cron,
            )
    crowded = next(
        (run for run, after in pairwise(starts) if after - run <= experiment.duration), None
    )
    if crowded:
        yield Problem(
            path,
            f"the run of {length} at {_local(crowded, experiment)} is not over at the next firing",
            "firings further apart than a run is long",
            cron,
        )


def _check_overlaps(
    listed: Sequence[Experiment],
    runs: Sequence[Sequence[datetime]],
    services: Mapping[str, Service],
) -> Iterator[Problem]:
    """No two experiments act at the same time on one service, or on a service and its caller."""
    timeline = sorted((start, place) for place, starts in enumerate(runs) for start in starts)
    reported: set[tuple[int, int]] = set()
    active: list[tuple[datetime, int]] = []
    for start, place in timeline:
        active = [(end, other) for end, other in active if end > start]
        for _, other in active:
            pair = (other, place)
            if other == place or pair in reported:
                continue
            common = _related(listed[other].targets, listed[place].targets, services)
            if common:
                reported.add(pair)
                yield Problem(
                    (*listed[place].path, "cron"),
                    f"{listed[place].name} begins at {_local(start, listed[place])} while "
                    f"{listed[other].name} is still acting on {common}",
                    "schedules that do not overlap on a service or on its callers",
                    listed[place].cron.expression,
                )
        active.append((start + listed[place].duration, place))


def _related(one: frozenset[str], two: frozenset[str], services: Mapping[str, Service]) -> str:
    """What two sets of targets have to do with one another, in words; empty when nothing."""
    for name in sorted(one):
        if name in two:
            return name
        for other in sorted(two):
            callers = {n: services[n].callers for n in (name, other) if n in services}
            if other in callers.get(name, ()) or name in callers.get(other, ()):
                return f"{name}, which {other} is connected with"
    return ""


def _local(moment: datetime, experiment: Experiment) -> str:
    return f"{moment.astimezone(experiment.cron.zone):%a %Y-%m-%d %H:%M %Z}"
