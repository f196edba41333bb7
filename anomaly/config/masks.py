"""Times at which nothing is told: maintenance windows and calendar ranges, for chosen series.

A mask that `suppress`es keeps people from being told; the detector sees and learns the values. One
that `exclude`s hides them from the detector too, which then neither scores nor learns them.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Literal, Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator
from pydantic_core import SchemaError, SchemaValidator, core_schema

from anomaly.config.calendar import Recurrence, moment, recurrence
from anomaly.config.model import Model

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

    timezone: str = "UTC"
    """Zone of the civil times below, as `Europe/Berlin`; summer time is followed."""

    schedule: str | None = None
    """Cron expression of five fields: when a recurring window opens."""

    duration_minutes: int | None = Field(None, ge=1, le=7 * 24 * 60)
    """How long it stays open, by the clock on the wall."""

    start: str | None = None
    """ISO 8601 time from which a window that comes once is open."""

    end: str | None = None
    """ISO 8601 time before which it is open."""

    @field_validator("timezone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (KeyError, OSError, ValueError):
            raise ValueError("is no time zone; use one such as Europe/Berlin or UTC") from None
        return zone

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
) -> Flags | None:
    """Which points masks of an effect cover, (series, time); None where there is nothing to cover.

    What is excluded is suppressed as well.
    """
    effects = {effect, "exclude"}
    covered: Flags | None = None
    for mask in masks:
        if mask.effect in effects and mask.covers_signal(signal):
            times = mask.open_at(timestamps)
            if times.any():
                rows = np.fromiter(map(mask.covers, labels), dtype=np.bool_, count=len(labels))
                here = rows[:, None] & times
                covered = here if covered is None else covered | here
    return covered
