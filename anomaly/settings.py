"""What the detector is told: a mounted file, and a few environment variables that win over it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from anomaly.config import Model
from anomaly.config.alerting import Alerting, Mask
from anomaly.config.detector import DetectorConfig
from anomaly.config.endpoint import Connection
from anomaly.config.problems import Place, report
from anomaly.config.receivers import Results
from anomaly.config.signals import WatchedSignal
from anomaly.errors import SettingsError
from anomaly.labels import Shard

ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "PROMETHEUS_URL": ("prometheus", "url"),
    "ANOMALY_DETECTION_ENABLED": ("enabled",),
    "ANOMALY_CHECK_INTERVAL_MINUTES": ("interval_minutes",),
    "ANOMALY_THRESHOLD_ZSCORE": ("detector", "zscore_threshold"),
    "ANOMALY_THRESHOLD_MA_PERCENT": ("detector", "moving_average_percent"),
    "JOB_COMPLETION_INDEX": ("shards", "index"),
    "JOB_COMPLETION_COUNT": ("shards", "count"),
}
"""Variable and the setting that it sets."""

DECIDED_BY: Mapping[str, str] = {
    "direction": "set the signal's `direction`",
    "min_absolute_deviation": "set the signal's `minimum_absolute_deviation`",
    "min_relative_deviation": "set the signal's `minimum_relative_deviation`",
    "peak_hold": "scores of a run are each of their own tick; leave it away",
}
"""What of a detector follows from the signal that it judges, and where it is set instead."""

CANDIDATES = 2
"""So many times more series than are looked at are read once, to choose among them."""

LOCAL = "http://localhost:9090"
"""Prometheus where nobody says otherwise."""


class State(Model):
    """What is kept from one run to the next."""

    folder: Path | None = None
    """Where; a volume that outlives the pod. Without one, every run reads all of the history, and
    what was told is known from Alertmanager, or from the series that are written, or not at all."""


class Settings(Model):
    """Everything that a run needs to know."""

    environment: str = "default"
    """Which stack it is; part of the key of every incident, so that stacks can share sinks."""

    enabled: bool = True
    """False makes a run do nothing, successfully."""

    prometheus: Connection = Connection(url=LOCAL)
    """Where series are read."""

    interval_minutes: int = Field(10, ge=1, le=1440)
    """Time between runs."""

    lookback_seconds: int = Field(14 * 24 * 3600, ge=60)
    """History that judges the newest points; two weeks hold every weekday twice."""

    step_seconds: int = Field(300, ge=1, le=86_400)
    """Resolution of that history."""

    delay_seconds: int = Field(60, ge=0)
    """How far a run stays behind the clock: the newest rates are not complete yet, and would look
    like a drop in traffic."""

    detector: DetectorConfig = DetectorConfig()
    """How points are judged."""

    signals: tuple[WatchedSignal, ...] = ()
    """What is watched."""

    max_series: int = Field(10_000, ge=1)
    """Series of one signal that one pod looks at; those with the most traffic. The report says how
    many were left out."""

    alerting: Alerting = Alerting()
    """When people are told."""

    masks: tuple[Mask, ...] = ()
    """Times at which nothing is told."""

    results: Results = Results()
    """Who is told."""

    shards: Shard = Shard()
    """How the series are shared out among pods."""

    state: State = State()
    """What is kept from one run to the next."""

    @field_validator("signals")
    @classmethod
    def _unique(cls, signals: tuple[WatchedSignal, ...]) -> tuple[WatchedSignal, ...]:
        names = [signal.name for signal in signals]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands there more than once")
        return signals

    @model_validator(mode="after")
    def _masks_of_signals(self) -> Self:
        known = {signal.name for signal in self.signals}
        for mask in self.masks:
            unknown = sorted(set(mask.signals) - known)
            if unknown:
                raise ValueError(
                    f"the mask {mask.name!r} names {', '.join(unknown)}, which is no signal; "
                    f"use {', '.join(sorted(known)) or 'none: no signals are configured'}"
                )
        return self

    @model_validator(mode="after")
    def _room(self) -> Self:
        least = CANDIDATES * self.max_series
        if self.prometheus.max_series < least:
            raise ValueError(
                f"prometheus.max_series is {self.prometheus.max_series} and must be {least} to "
                f"choose {self.max_series} of them: raise it, or lower max_series"
            )
        return self

    @model_validator(mode="after")
    def _remembers(self) -> Self:
        forgetful = self.results.forgetful
        if forgetful and not (self.state.folder or self.results.remote_write):
            raise ValueError(
                f"nobody remembers what {' and '.join(forgetful)} was told, so alerts would be "
                "lost or repeated: give state.folder a volume that outlives the run, or "
                "results.remote_write a receiver whose series `prometheus` reads"
            )
        return self

    @model_validator(mode="after")
    def _heard(self) -> Self:
        """What a signal decides cannot be set for its detector; it would be ignored."""
        owned = {
            "detector": self.detector if self.signals else None,
            **{
                f"signals[{place}].detector": signal.detector
                for place, signal in enumerate(self.signals)
            },
        }
        for place, detector in owned.items():
            usual = DetectorConfig()
            ignored = [
                name
                for name in sorted(DECIDED_BY)
                if detector and getattr(detector, name) != getattr(usual, name)
            ]
            if ignored:
                raise ValueError(
                    f"{place}.{ignored[0]} is decided by each signal and would be ignored: "
                    f"{DECIDED_BY[ignored[0]]}"
                )
        return self

    @property
    def shard(self) -> Shard:
        """The part of all series that this pod looks at."""
        return self.shards

    def detector_of(self, signal: WatchedSignal) -> DetectorConfig:
        """How a signal's points are judged."""
        return signal.detector or self.detector


def load(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the file, if any, and lay the environment over it.

    Raises:
        SettingsError: all that is wrong: where, what, what is allowed, what to do.
    """
    document = _document(path) if path else {}
    variables: dict[Place, str] = {}
    for variable, place in ENVIRONMENT.items():
        if environment.get(variable):
            _put(document, place, environment[variable])
            variables[place] = variable
    _inherit(document)
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        file = str(path) if path else "the file that --config names"
        raise SettingsError(report(Settings, error, file, variables)) from None


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise SettingsError(f"{path} is not JSON: {error}") from None
    if not isinstance(document, dict):
        raise SettingsError(f"{path} is not a JSON object")
    return document


def _put(document: dict[str, Any], place: tuple[str, ...], value: str) -> None:
    *parents, key = place
    for parent in parents:
        inner = document.setdefault(parent, {})
        if not isinstance(inner, dict):
            return  # validation says what is wrong with it
        document = inner
    document[key] = value


def _inherit(document: dict[str, Any]) -> None:
    """Complete the signals' own detector settings with those of all."""
    common, signals = document.get("detector", {}), document.get("signals", ())
    if isinstance(common, dict) and isinstance(signals, list):
        for signal in signals:
            own = signal.get("detector") if isinstance(signal, dict) else None
            if isinstance(own, dict):
                signal["detector"] = {**common, **own}
