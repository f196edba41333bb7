"""What the detector looks at, what of it matters, and when nobody wants to hear of it."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from settings.types import (
    NEARLY,
    CronExpression,
    Model,
    Moment,
    Once,
    TimeZone,
    WholeSeconds,
    broken_rule,
    duration_field,
)
from settings.words import DnsLabel, LabelName, Line, Pattern, Query, SignalName, Text
from vocabulary.timing.cron import Cron, time_zone

Method = Literal[
    "calibrated", "ensemble", "zscore", "moving_average", "iqr", "exponential_smoothing"
]
Kind = Literal["latency", "errors", "traffic", "saturation", "other"]
Direction = Literal["both", "above", "below"]

REQUESTS = ("latency_p95", "latency_p99", "error_rate", "traffic")
"""Signals of the presets."""
COUNTED = ("latency_p95", "latency_p99", "error_rate")
"""Those of them that say nothing of few requests."""
SATURATION = ("saturation_memory", "saturation_goroutines")
"""Those that come with `saturation`."""


class Thresholds(Model):
    """When two of the original methods, and their vote, call a point anomalous."""

    zscore: float = Field(3.0, gt=0, le=20)
    """Standard deviations from the mean."""

    moving_average_percent: float = Field(30.0, gt=0, le=1000)
    """Deviation from the moving average, in percent."""


class Tuning(Model):
    """What a deviation of a signal must be to matter; null leaves it to the signal's kind."""

    direction: Direction | None = None
    """On which side. By kind: `above` for latency, errors and saturation, else `both`."""

    minimum_absolute_deviation: float | None = Field(None, ge=0)
    """Distance from the expected, in the signal's unit. By kind: 0.01 for errors, else 0."""

    minimum_relative_deviation: float | None = Field(None, ge=0)
    """The same as a share of the expected; both must be exceeded. By kind: 0.25 for latency, 0.3
    for traffic, 0 for errors, else 0.1."""

    floor: float | None = Field(None, ge=0)
    """Value that either the point or the expected must reach. By kind: five requests a minute for
    traffic, else 0."""

    minimum_requests: int | None = Field(None, ge=1)
    """Requests behind a point, below which latency and errors say nothing. By kind: 20 for a 95th
    percentile, 100 for a 99th, 20 for errors."""

    absent_after_steps: int | None = Field(None, ge=0)
    """Steps without a value after which a series is reported as absent; 0 for never. By kind: 0
    for latency and errors, else 3."""


class TunedSignal(Tuning):
    """A signal of the preset, judged otherwise than its kind."""

    signal: SignalName
    """Its name."""

    @model_validator(mode="after")
    def _heard(self) -> "TunedSignal":
        if self.minimum_requests is not None and self.signal not in COUNTED:
            what = f"is for {', '.join(COUNTED)}, of which requests are counted"
            raise broken_rule(what, "minimumRequests")
        return self


class ExtraSignal(Tuning):
    """A signal of one's own."""

    name: SignalName
    """Name in findings and written series."""

    query: Query
    """PromQL that gives one series a service."""

    kind: Kind = "other"
    """What it measures."""

    traffic: Query | None = None
    """PromQL of the requests per second behind each series, with the same labels; for latency and
    errors, so that few requests are not taken for many."""

    unit: Text | None = None
    """Unit of the values, for people."""

    @model_validator(mode="after")
    def _heard(self) -> "ExtraSignal":
        if self.minimum_requests is not None and self.traffic is None:
            raise broken_rule("needs traffic, by which requests are counted", "minimumRequests")
        return self


class ServiceLabels(Model):
    """How services label what they count themselves."""

    namespace: LabelName = "namespace"
    """Label that holds the namespace."""

    service: LabelName = "service"
    """Label that holds the name of the service."""

    status: LabelName = "code"
    """Label that holds the HTTP status of an answer."""

    @model_validator(mode="after")
    def _one_each(self) -> "ServiceLabels":
        if self.service == self.namespace:
            raise broken_rule("is namespace too; it cannot hold both", "service")
        if self.status in (self.service, self.namespace):
            raise broken_rule("is another one's too; it cannot hold both", "status")
        return self


class Signals(Model):
    """What is looked at."""

    preset: Literal["istio", "http", "none"] = "istio"
    """Latency, errors and traffic of every service in the catalogue: as Istio's sidecars count
    them (`istio_requests_total`), as services themselves do (`http_requests_total`), or not."""

    labels: ServiceLabels = ServiceLabels()
    """For the preset `http`, for `saturation` and for `extra`."""

    rate_window: WholeSeconds = duration_field("5m0s", least="1m", most="1h")
    """Range of the rates; at least four scrapes, so that one that is missed leaves no hole."""

    saturation: bool = False
    """Memory and goroutines of the services' processes too."""

    tuned: tuple[TunedSignal, ...] = ()
    """Signals of the preset that are judged otherwise."""

    extra: tuple[ExtraSignal, ...] = ()
    """Further signals."""

    @property
    def standard(self) -> tuple[str, ...]:
        """Names of the preset's signals."""
        requests = () if self.preset == "none" else REQUESTS
        return (*requests, *(SATURATION if self.saturation else ()))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all signals."""
        return (*self.standard, *(signal.name for signal in self.extra))

    @model_validator(mode="after")
    def _names_are_known_and_their_own(self) -> "Signals":
        if not self.names:
            raise broken_rule("is none, and nothing else is looked at", "preset")
        twice = sorted({name for name in self.names if self.names.count(name) > 1})
        if twice:
            raise broken_rule(f"gives {', '.join(twice)} to more than one signal", "extra")
        tuned = [signal.signal for signal in self.tuned]
        unknown = sorted(set(tuned) - set(self.standard))
        if unknown:
            raise broken_rule(
                f"names {', '.join(unknown)}; the preset has {', '.join(self.standard) or 'none'}",
                "tuned",
            )
        if len(set(tuned)) < len(tuned):
            raise broken_rule("names a signal more than once", "tuned")
        return self


ONCE = timedelta(days=92)
"""Longest window that comes once: what is longer is not looked at by anybody any more."""


class Mask(Model):
    """Times at which nobody is told: a window that recurs, or one that comes once."""

    name: Line
    """What it is for, as reports call it."""

    effect: Literal["suppress", "exclude"] = "suppress"
    """`suppress` tells nobody; `exclude` hides the values from the detector too, which then neither
    scores them nor learns from them."""

    signals: Annotated[tuple[SignalName, ...], Once] = ()
    """Signals that it covers; none means all."""

    services: Annotated[tuple[DnsLabel, ...], Once] = ()
    """Services of the catalogue that it covers; none means all."""

    match: dict[LabelName, Pattern] = {}
    """Labels, and regular expressions that their whole value must match."""

    timezone: TimeZone = "UTC"
    """Zone of the times below."""

    schedule: CronExpression | None = None
    """When a recurring window opens."""

    duration: WholeSeconds | None = duration_field(None, least="1m", most="168h")
    """How long it stays open, in whole minutes."""

    start: Moment | None = None
    """When a window that comes once opens."""

    end: Moment | None = None
    """When it closes."""

    @field_validator("schedule")
    @classmethod
    def _zone_apart(cls, schedule: str | None) -> str | None:
        if schedule and "=" in schedule:
            raise ValueError("names a zone; write it into timezone, for start and end too")
        return schedule

    @field_validator("duration")
    @classmethod
    def _whole_minutes(cls, duration: timedelta | None) -> timedelta | None:
        if duration is not None and duration % timedelta(minutes=1):
            raise ValueError("is not a whole number of minutes")
        return duration

    @model_validator(mode="after")
    def _one_kind(self) -> "Mask":
        recurring, once = (self.schedule, self.duration), (self.start, self.end)
        if any(recurring) == any(once) or None in (recurring if any(recurring) else once):
            raise ValueError(
                "needs schedule and duration, for a window that recurs, or start and end, for one "
                "that comes once"
            )
        if self.start and self.end and self._instant(self.end) <= self._instant(self.start):
            raise broken_rule("is not after the start", "end")
        if self.start and self.end and self._instant(self.end) - self._instant(self.start) > ONCE:
            raise broken_rule(f"is more than {ONCE.days} days after the start", "end")
        if self.schedule and self.duration and self._never_closes(self.schedule, self.duration):
            raise broken_rule(
                "is as long as the window takes to open anew, or nearly, so it hardly closes and "
                "nobody is ever told",
                "duration",
            )
        return self

    @staticmethod
    def _never_closes(schedule: str, duration: timedelta) -> bool:
        begin = datetime(2026, 1, 1, tzinfo=UTC)
        firings = [*islice(Cron.parse(schedule).firings(begin, begin + timedelta(days=400)), 2000)]
        return len(firings) > 1 and all(
            duration > NEARLY * (after - before) for before, after in pairwise(firings)
        )

    def is_over(self, moment: datetime) -> bool:
        """Whether it came once, before a moment."""
        return self.end is not None and self._instant(self.end) < moment

    def _instant(self, moment: str) -> datetime:
        given = datetime.fromisoformat(moment)
        return given if given.tzinfo else given.replace(tzinfo=time_zone(self.timezone))


class Alerting(Model):
    """When an incident is told."""

    false_discovery_rate: float | None = Field(0.1, gt=0, lt=1)
    """Share of false ones among the incidents that are told at their first point, weighed against
    all series that were looked at; null tells every incident at once."""

    prominent_score: float = Field(3.0, ge=1)
    """An incident with this score is told at once; 1 is the threshold."""

    persistent_points: int = Field(3, ge=1, le=1000)
    """An incident with so many anomalous points among twice as many steps is told, however small
    it is."""

    recovery_points: int = Field(3, ge=1, le=10_000)
    """Points in a row at which a series is back that end an incident."""

    critical_score: float = Field(3.0, ge=1)
    """An incident that is persistent and has reached this score is critical."""

    group_gap: WholeSeconds = duration_field("30m0s", least="0s", most="24h")
    """Incidents of one service that are closer in time are told as one."""
