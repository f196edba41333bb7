"""Alerts held against faults that were made on purpose: each seen or not, how fast, at what cost.

A fault is known to the second but not to the series: it may show in the latency of a service and
not in its traffic. So a fault is seen when any series that it hit alerts. Alerts in time without
any fault are false alarms; alerts of series that a running fault did not hit are neither, because
faults spread.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError, model_validator

from anomaly.config import Model
from anomaly.config.problems import dotted
from anomaly.errors import DataError
from anomaly.offline.grade import Alerted, Mask, Matching, Spans, Tally, Vector, match, spans


class FaultWindow(Model):
    """A fault that was made: when, and what it hit."""

    name: str = Field(min_length=1)
    """Name of the run, such as `cart-delay-0412`."""

    type: str = ""
    """Kind of the fault, such as `network-delay`; faults of one kind are graded together. Empty:
    the name."""

    start: AwareDatetime
    """When it began; RFC 3339, or epoch seconds."""

    end: AwareDatetime
    """When it was over."""

    labels: Mapping[str, str] = {}
    """What was hit: every series that has all of these labels. Empty: every series."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end < self.start:
            raise ValueError("end lies before start")
        return self

    @property
    def kind(self) -> str:
        """What it is graded with."""
        return self.type or self.name

    @property
    def span(self) -> tuple[float, float]:
        """Epoch seconds of its beginning and its end."""
        return self.start.timestamp(), self.end.timestamp()

    def hits(self, labels: Mapping[str, str]) -> bool:
        """Whether a series of these labels was hit."""
        return all(labels.get(name) == value for name, value in self.labels.items())


@dataclass(frozen=True)
class Watch:
    """What one series says of all faults, each of which goes by its place in the list."""

    name: str
    delays: Mapping[int, float]
    """Seconds to its first alert on each fault that it saw."""

    alerts: Sequence[int]
    """Its alerts on each fault."""

    covered: frozenset[int]
    """Faults that hit it while it had values."""

    elsewhere: int
    """Alerts that began while only other series were hit; neither true nor false."""

    cost: Tally
    """Its other alerts, and its time without any fault."""


def watch(series: Alerted, faults: Sequence[FaultWindow], matching: Matching) -> Watch:
    """Hold one series against all faults that were made while it was read."""
    alerts = spans(series.timestamps, series.alerting, gap_seconds=matching.gap_seconds)
    limits = np.array([fault.span for fault in faults]).reshape(len(faults), 2)
    hit = np.array([fault.hits(series.labels) for fault in faults], dtype=bool)
    during = _during(series.timestamps, limits, matching)
    seen = match(alerts, Spans(limits[:, 0], limits[:, 1]), matching)
    pairs = seen.pairs & hit
    calm = np.count_nonzero(during, axis=1) == 0
    true = pairs.any(axis=1)
    elsewhere = int(np.sum(~true & _during(alerts.starts, limits, matching).any(axis=1)))
    return Watch(
        name=series.name,
        delays={int(place): float(seen.delays[place]) for place in np.flatnonzero(pairs.any(0))},
        alerts=pairs.sum(axis=0).tolist(),
        covered=frozenset(np.flatnonzero(hit & (during & series.present[:, None]).any(0)).tolist()),
        elsewhere=elsewhere,
        cost=Tally(
            seconds=series.seconds(calm),
            calm_seconds=series.seconds(calm),
            alerting_seconds=series.seconds(calm & series.alerting),
            alerts=len(alerts) - elsewhere,
            true_alerts=int(np.sum(true)),
        ),
    )


def _during(times: Vector, limits: Vector, matching: Matching) -> Mask:
    """(times, faults), whether each moment lies in each fault or in the tolerance after it."""
    late = limits[:, 1] + matching.tolerance_seconds
    return (times[:, None] >= limits[:, 0]) & (times[:, None] <= late)


@dataclass(frozen=True)
class Sighting:
    """What became of one fault."""

    fault: FaultWindow

    series: int
    """Series that it hit and that had values; 0 means that nobody could see it."""

    delay: float | None
    """Seconds to the first alert; None when it was not seen."""

    alerts: int
    """Alerts that it made, of all series that it hit."""

    seen_by: tuple[str, ...]
    """The series that alerted, the fastest first."""


@dataclass(frozen=True)
class FaultGrade:
    """How well a list of faults was seen."""

    sightings: tuple[Sighting, ...]
    """Each fault, in the order given."""

    elsewhere: int
    """Alerts of series that were not hit, while others were."""

    cost: Tally
    """All other alerts, and the time without any fault."""

    @property
    def overall(self) -> Tally:
        """All faults as incidents; time without faults is what false alarms are held against."""
        return self.cost + _counted(self.sightings)

    @property
    def by_type(self) -> Mapping[str, Tally]:
        """How many faults of each type there were and were seen, and how fast."""
        kinds = dict.fromkeys(each.fault.kind for each in self.sightings)
        return {
            kind: _counted([each for each in self.sightings if each.fault.kind == kind])
            for kind in kinds
        }


def sum_up(watches: Sequence[Watch], faults: Sequence[FaultWindow]) -> FaultGrade:
    """What all series together say of the faults."""
    return FaultGrade(
        tuple(_sighting(place, fault, watches) for place, fault in enumerate(faults)),
        sum(each.elsewhere for each in watches),
        sum((each.cost for each in watches), Tally()),
    )


def _counted(sightings: Sequence[Sighting]) -> Tally:
    delays = tuple(each.delay for each in sightings if each.delay is not None)
    alerts = sum(each.alerts for each in sightings)
    return Tally(incidents=len(sightings), delays=delays, repeats=alerts)


def _sighting(place: int, fault: FaultWindow, watches: Sequence[Watch]) -> Sighting:
    saw = sorted(
        (each for each in watches if place in each.delays), key=lambda each: each.delays[place]
    )
    return Sighting(
        fault,
        series=sum(place in each.covered for each in watches),
        delay=saw[0].delays[place] if saw else None,
        alerts=sum(each.alerts[place] for each in watches),
        seen_by=tuple(each.name for each in saw),
    )


_FAULTS = TypeAdapter(tuple[FaultWindow, ...])


def read_faults(path: Path) -> tuple[FaultWindow, ...]:
    """The faults of a file.

    Raises:
        DataError: one line for each thing that is wrong with it.
    """
    try:
        faults = _FAULTS.validate_python(json.loads(path.read_bytes()))
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        lines = [f"{path}: {dotted(each['loc']) or 'list'}: {each['msg']}" for each in problems]
        raise DataError("\n".join(lines)) from None
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}") from None
    if not faults:
        raise DataError(f"{path} lists no faults")
    return faults
