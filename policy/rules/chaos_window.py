"""Faults run in the low-traffic window and outside freezes, every time."""

from collections.abc import Iterator
from datetime import date, time

from pydantic import Field as Limit

from policy.cel import Check, Validation, listed
from policy.chaos_checks import REACH, variables
from policy.config import Model, RuleConfig
from policy.experiments import schedules
from policy.findings import Finding
from policy.firings import cron_of, runs
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import SCHEDULE, WORKFLOW
from vocabulary.timing.cron import EXPECTED, time_zone
from vocabulary.timing.window import WEEKDAYS, Freeze, Window, weekdays

HOURS = 24
NUMBERS = {day: number % len(WEEKDAYS) for number, day in enumerate(WEEKDAYS, 1)}
"""Weekdays as cron counts them."""


class FreezeDays(Model):
    """Days on which nothing may run."""

    first: date
    """First day, `YYYY-MM-DD`."""

    last: date
    """Last day, `YYYY-MM-DD`."""


class Config(RuleConfig):
    """When faults may run."""

    days: tuple[str, ...] = WEEKDAYS[:5]
    """Weekdays on which the window opens: mon, tue, wed, thu, fri, sat, sun."""

    opens: time = time(2)
    """Civil time at which it opens, `HH:MM`."""

    closes: time = time(6)
    """Civil time at which it closes, `HH:MM`; at or before `opens` means on the next day."""

    timezone: str = "UTC"
    """IANA name of the zone of both."""

    freezes: tuple[FreezeDays, ...] = ()
    """Days on which no fault may run, window or not: `first`, `last`."""

    weeks: int = Limit(8, ge=1, le=52)
    """How far ahead firings are looked at."""

    @property
    def window(self) -> Window:
        """As a span that can be asked."""
        return Window(weekdays(self.days), self.opens, self.closes, time_zone(self.timezone))

    @property
    def frozen(self) -> list[Freeze]:
        """The freezes as spans that can be asked."""
        return [Freeze(f.first, f.last, time_zone(self.timezone)) for f in self.freezes]


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """Every cron is wall-clock, and every firing of the Schedule fits with its whole length."""
    for schedule in schedules(resource):
        place = schedule["schedule"]
        if place.missing:
            yield place.finding(f"not set; write {EXPECTED}")
        elif place.text() is not None and cron_of(place) is None:
            yield place.finding(f"{place} is not {EXPECTED}")
    if resource.is_a(SCHEDULE):
        yield from _firings(resource["spec"]["schedule"], config)


def _firings(place: Field, config: Config) -> Iterator[Finding]:
    window, frozen = config.window, config.frozen
    for run in runs(place.resource, config.weeks):
        length = run.end - run.start
        if not window.contains(run.start, length):
            yield place.finding(
                f"{place} fires at {run.start:%a %Y-%m-%d %H:%M} UTC and lasts {length}, which is "
                f"not inside the window ({', '.join(config.days)} {config.opens:%H:%M} to "
                f"{config.closes:%H:%M} {config.timezone}); move it"
            )
            return
        if any(freeze.touches(run.start, length) for freeze in frozen):
            yield place.finding(
                f"{place} fires at {run.start:%a %Y-%m-%d %H:%M} UTC, during a freeze; pause the "
                "schedule until the freeze is over"
            )
            return


def admission(config: Config) -> Iterator[Check]:
    """For the API server: no minute, hour or weekday outside the window.

    Only of a cron in the window's own zone; to the minute, and for lengths and freezes, the preview
    looks ahead. What is no cron of five fields is refused by `chaos-schedule-limits`.
    """
    hours = _hours(config)
    days = [each for day in _days(config) for each in (day, str(NUMBERS[day]))]
    zone = config.timezone
    prefixes = [f"CRON_TZ={zone}", f"TZ={zone}"]
    own_zone = f"variables.words[0] in {listed(prefixes)}"
    if zone == "UTC":
        own_zone += " || variables.words.size() == 5"
    ends = "{field}.split(',').all(term, term.split('/')[0].split('-').all(end, {holds}))"
    in_hours = ends.format(
        field="variables.cron[1]", holds=f"end.matches('^[0-9]+$') && int(end) in {hours}"
    )
    in_days = ends.format(field="variables.cron[4]", holds=f"end.lowerAscii() in {listed(days)}")
    all_week = "true" if len(_days(config)) == len(WEEKDAYS) else "variables.cron[2] != '*'"
    yield Check(
        kinds=(SCHEDULE,),
        variables={
            **variables(),
            "words": "object.spec.schedule.split(' ').filter(word, word != '')",
            "cron": "variables.words.filter(word, !word.contains('='))",
        },
        validations=(
            Validation(
                "variables.cron.size() != 5 || !variables.cron[0].startsWith('*')",
                "the minute must be said, or it fires again and again",
            ),
            Validation(
                f"variables.cron.size() != 5 || !({own_zone}) || ({in_hours})",
                f"the hour must be within {config.opens:%H:%M} to {config.closes:%H:%M} {zone}",
            ),
            Validation(
                f"variables.cron.size() != 5 || !({own_zone}) || {all_week} || ({in_days})",
                f"the weekday must be one of {', '.join(config.days)}",
            ),
        ),
        reach=REACH,
    )


def _days(config: Config) -> list[str]:
    """The weekdays on which something may begin: of a window over midnight the next ones too."""
    after = 1 if config.closes <= config.opens else 0
    places = {(WEEKDAYS.index(day) + more) % 7 for day in config.days for more in (0, after)}
    return [WEEKDAYS[place] for place in sorted(places)]


def _hours(config: Config) -> list[int]:
    """The hours in which something may begin."""
    last = config.closes.hour if config.closes.minute else config.closes.hour - 1
    span = (last - config.opens.hour) % HOURS + 1
    return [(config.opens.hour + after) % HOURS for after in range(span)]


RULE = ResourceRule(
    id="chaos-window",
    severity=HIGH,
    summary="Every firing of the coming weeks lies in the low-traffic window, outside freezes.",
    reason="`@every 2h` is anchored to the moment of creation and, together with "
    "startingDeadlineSeconds, may never fire at all; a cron that looks right drifts out of the "
    "window at weekends or with summer time.",
    fix="Write a five-field cron, with CRON_TZ if needed, all of whose runs end before the window "
    "closes.",
    kinds=(SCHEDULE, WORKFLOW),
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-pod-failure, namespace: brisa}
spec:
  schedule: 0 2,4 * * 1-5
  type: PodChaos
  podChaos:
    action: pod-failure
    mode: one
    duration: 30s
    selector: {namespaces: [brisa], labelSelectors: {app: api}}
""",
)
