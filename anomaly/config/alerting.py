"""When people are told, and when they are not: maintenance windows and calendar ranges.

A mask that `suppress`es keeps people from being told; the detector sees and learns the values. One
that `exclude`s hides them from the detector too, which then neither scores nor learns them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import Literal, Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator
from pydantic_core import SchemaError, SchemaValidator, core_schema

from anomaly.config import Model, Zone
from anomaly.incidents.track import Rules


class FalseDiscovery(Model):
    """Control over all series of a run; see `anomaly.incidents.fdr`."""

    rate: float = Field(0.1, gt=0, lt=1)
    """Share of false ones among the incidents that are told at their first point, for their rarity
    alone."""

    half_life_seconds: float = Field(6 * 3600.0, gt=0)
    """Time after which what was risked and found counts half. A longer memory is stricter."""


class Alerting(Model):
    """When an incident is told."""

    false_discovery: FalseDiscovery | None = FalseDiscovery()
    """Weighs a new incident against all series that were judged at the same time. null tells every
    incident at once, as is right for few series."""

    prominent_score: float = Field(3.0, ge=1)
    """An incident with this score is told at once, whatever the others do."""

    persistent_points: int = Field(3, ge=1, le=1000)
    """An incident with so many anomalous points among twice as many steps is told, however small
    it is."""

    critical_score: float = Field(3.0, ge=1)
    """An incident that is persistent and has reached this score is critical, not a warning. Only
    latency, errors and traffic can be: what users of a service feel."""

    group_gap_seconds: float = Field(1800.0, ge=0)
    """Incidents of one service that are closer in time are told as one group."""

    dead_after_seconds: int = Field(3 * 24 * 3600, ge=3600)
    """A series that had no value for so long is forgotten, and what was open of it is over; a job
    that mostly is not there, so long after it was due again."""

    def rules(self, *, step_seconds: float, remembered_seconds: float) -> Rules:
        """The same as incidents need it."""
        return Rules(
            self.prominent_score,
            self.persistent_points,
            persistent_seconds=2 * self.persistent_points * step_seconds,
            remembered_seconds=remembered_seconds,
        )


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, MONTHS),
    ("day of the week", 0, 6, WEEKDAYS),
)
"""Name, first and last number, and the words for the numbers from the first on."""


@dataclass(frozen=True)
class Recurrence:
    """When a window opens, in the civil time of a zone, and how long the clock says it lasts."""

    fields: Sequence[frozenset[int]]
    """Of `FIELDS`, the numbers at which it opens."""

    duration: timedelta
    zone: ZoneInfo

    def windows(self, first: float, last: float) -> Iterator[tuple[float, float]]:
        """Windows that touch a span of epoch seconds, as epoch seconds; they may overlap."""
        minutes, hours, days, months, weekdays = self.fields
        day = datetime.fromtimestamp(first, self.zone).date() - self.duration - timedelta(1)
        end = datetime.fromtimestamp(last, self.zone).date()
        while day <= end:
            weekday = day.isoweekday() % len(WEEKDAYS)
            if day.month in months and day.day in days and weekday in weekdays:
                for hour in hours:
                    for minute in minutes:
                        opens = datetime.combine(day, time(hour, minute))
                        yield self._moments(opens)[0], max(self._moments(opens + self.duration))
            day += timedelta(1)

    def _moments(self, clock: datetime) -> tuple[float, float]:
        """Both moments at which the clock on the wall shows so; one, unless it is put back."""
        local = clock.replace(tzinfo=self.zone)
        return local.timestamp(), local.replace(fold=1).timestamp()


def recurrence(expression: str, duration: timedelta, zone: ZoneInfo) -> Recurrence:
    """Read a cron expression of five fields.

    Raises:
        ValueError: when it is none; the text says which field and what it may hold.
    """
    words = expression.lower().split()
    if len(words) != len(FIELDS):
        raise ValueError(f"has {len(words)} fields, and cron has {len(FIELDS)}, as in '0 22 * * 6'")
    if "*" not in (words[2], words[4]):
        raise ValueError("names a day of the month and a weekday; leave one of them *")
    return Recurrence(tuple(map(_field, words, FIELDS)), duration, zone)


def _field(text: str, field: tuple[str, int, int, tuple[str, ...]]) -> frozenset[int]:
    name, first, last, names = field

    def number(word: str) -> int:
        return names.index(word) + first if word in names else int(word)

    numbers: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        try:
            begin = first if low == "*" else number(low)
            wide = low == "*" or (step and not high)
            end = number(high) if high else last if wide else begin
            chosen = range(begin, end + 1, int(step or 1))
        except ValueError:
            chosen = range(0)
        if not chosen or not first <= chosen[0] <= chosen[-1] <= last:
            raise ValueError(f"{part!r} is no {name}; use {first} to {last}, *, a-b, */n or a list")
        numbers.update(chosen)
    return frozenset(numbers)


def moment(text: str, zone: ZoneInfo) -> float:
    """Epoch seconds of an ISO 8601 time; one without an offset is of the zone.

    Raises:
        ValueError: when it is none.
    """
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time; use ISO 8601: 2026-11-02T03:00:00Z") from None
    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC).timestamp()


Effect = Literal["suppress", "exclude"]
Flags = NDArray[np.bool_]


class Mask(Model):
    """One window, or one that recurs, and the series that it covers."""

    name: str = Field(min_length=1)
    """What it is for, as the report calls it."""

    effect: Effect = "suppress"
    """`suppress`: nobody is told, values are learnt. `exclude`: values are not learnt either."""

    signals: tuple[str, ...] = ()
    """Names of the signals that it covers; empty covers all."""

    match: Mapping[str, str] = {}
    """Label and regular expression that its whole value must match; all of them must. Empty covers
    every series."""

    timezone: Zone = "UTC"
    """Zone of the civil times below, as `Europe/Berlin`; summer time is followed."""

    schedule: str | None = None
    """Cron expression of five fields: when a recurring window opens."""

    duration_minutes: int | None = Field(None, ge=1, le=7 * 24 * 60)
    """How long it stays open, by the clock on the wall."""

    start: str | None = None
    """ISO 8601 time from which a window that comes once is open."""

    end: str | None = None
    """ISO 8601 time before which it is open."""

    @field_validator("match")
    @classmethod
    def _expressions(cls, match: Mapping[str, str]) -> Mapping[str, str]:
        for label, expression in match.items():
            try:
                _pattern(expression)
            except SchemaError as error:
                said = " ".join(str(error).split()).partition("error: ")[2] or "it is too large"
                raise ValueError(
                    f"{label}: {expression!r} is no regular expression of RE2, as Prometheus has "
                    f"them: {said}"
                ) from None
        return match

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        recurring = (self.schedule is not None, self.duration_minutes is not None)
        once = (self.start is not None, self.end is not None)
        if not (all(recurring) and not any(once)) and not (all(once) and not any(recurring)):
            raise ValueError(
                "needs either schedule and duration_minutes, for a window that recurs, "
                "or start and end, for one that comes once"
            )
        if self.schedule is not None:
            self._recurrence  # noqa: B018 - read to find out whether it can be
        elif self._once[0] >= self._once[1]:
            raise ValueError("ends before it starts; give an end after the start")
        return self

    def covers_signal(self, signal: str) -> bool:
        """Whether series of the signal may be covered."""
        return not self.signals or signal in self.signals

    def covers(self, labels: Mapping[str, str]) -> bool:
        """Whether a series with these labels is covered."""
        patterns = self._patterns.items()
        return all(pattern.isinstance_python(labels.get(label, "")) for label, pattern in patterns)

    def open_at(self, timestamps: NDArray[np.float64]) -> Flags:
        """At which of the times it is open; (time,)."""
        opened = np.zeros(len(timestamps), dtype=np.bool_)
        if not len(timestamps):
            return opened
        first, last = float(timestamps[0]), float(timestamps[-1])
        windows = [self._once] if self.schedule is None else self._recurrence.windows(first, last)
        for start, end in windows:
            inside = slice(*np.searchsorted(timestamps, (start, end)))
            opened[inside] = True
        return opened

    @cached_property
    def _patterns(self) -> Mapping[str, SchemaValidator]:
        return {label: _pattern(expression) for label, expression in self.match.items()}

    @cached_property
    def _recurrence(self) -> Recurrence:
        minutes = timedelta(minutes=self.duration_minutes or 0)
        return recurrence(self.schedule or "", minutes, ZoneInfo(self.timezone))

    @cached_property
    def _once(self) -> tuple[float, float]:
        zone = ZoneInfo(self.timezone)
        return moment(self.start or "", zone), moment(self.end or "", zone)


def _pattern(expression: str) -> SchemaValidator:
    """Whether a whole text matches. The engine behind it takes linear time, whatever is written.

    Raises:
        SchemaError: it is no expression that the engine knows.
    """
    SchemaValidator(core_schema.str_schema(pattern=expression))  # by itself, parentheses and all
    return SchemaValidator(core_schema.str_schema(pattern=f"^(?s:{expression})$"))


def masked(
    masks: Sequence[Mask],
    effect: Effect,
    signal: str,
    labels: Sequence[Mapping[str, str]],
    timestamps: NDArray[np.float64],
) -> Flags:
    """Which points masks of an effect cover, (series, time); what is excluded is suppressed too."""
    effects = {effect, "exclude"}
    covered = np.zeros((len(labels), len(timestamps)), np.bool_)
    for mask in masks:
        if mask.effect in effects and mask.covers_signal(signal):
            times = mask.open_at(timestamps)
            if times.any():
                rows = np.fromiter(map(mask.covers, labels), np.bool_, len(labels))
                covered |= rows[:, None] & times
    return covered
