"""What the detector is told: a mounted file, and five environment variables that win over it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from anomaly.config import DetectorConfig
from anomaly.errors import SettingsError

ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "PROMETHEUS_URL": ("prometheus_url",),
    "ANOMALY_DETECTION_ENABLED": ("enabled",),
    "ANOMALY_CHECK_INTERVAL_MINUTES": ("interval_minutes",),
    "ANOMALY_THRESHOLD_ZSCORE": ("detector", "zscore_threshold"),
    "ANOMALY_THRESHOLD_MA_PERCENT": ("detector", "moving_average_percent"),
}
"""Variable and the setting that it sets."""


class Signal(BaseModel):
    """One kind of series to watch, for all services in one query."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """Name in findings, such as `latency_p95`."""

    query: str = Field(min_length=1)
    """PromQL that gives one series a service."""


class Settings(BaseModel):
    """Everything that a run needs to know."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    prometheus_url: str = Field("http://localhost:9090", pattern=r"^https?://[^\s/@]+(/[^\s@]*)?$")
    """Prometheus, or what speaks its query API; without user information."""

    enabled: bool = True
    """False makes a run do nothing, successfully."""

    interval_minutes: int = Field(10, ge=1, le=1440)
    """Time between runs; a run reports what is anomalous since the one before."""

    lookback_seconds: int = Field(24 * 3600, ge=60)
    """History that each run reads."""

    step_seconds: int = Field(60, ge=1)
    """Resolution of that history."""

    delay_seconds: int = Field(60, ge=0)
    """How far a run stays behind the clock: the newest rates are not complete yet, and would look
    like a drop in traffic."""

    timeout_seconds: float = Field(30.0, gt=0)
    """Limit for one query."""

    detector: DetectorConfig = DetectorConfig()
    """How points are judged."""

    signals: tuple[Signal, ...] = ()
    """What is watched."""

    @field_validator("signals")
    @classmethod
    def _unique(cls, signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
        names = [signal.name for signal in signals]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands there more than once")
        return signals


def load(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the file, if any, and lay the environment over it.

    Raises:
        SettingsError: one line for each thing that is wrong.
    """
    document = _document(path) if path else {}
    origins = {}
    for variable, place in ENVIRONMENT.items():
        if environment.get(variable):
            _put(document, place, environment[variable])
            origins[place] = variable
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        raise SettingsError("\n".join(_lines(error, path, origins))) from None


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


def _lines(
    error: ValidationError, path: Path | None, origins: Mapping[tuple[str, ...], str]
) -> list[str]:
    """What is wrong, each under the name that the user gave it."""
    lines = []
    for problem in error.errors(include_url=False):
        place = tuple(str(part) for part in problem["loc"])
        name = origins.get(place) or f"{path}: {'.'.join(place)}"
        # A URL may hold a password that does not belong there.
        value = "" if place == ("prometheus_url",) else f"; got {str(problem['input'])[:80]!r}"
        lines.append(f"{name}: {problem['msg']}{value}")
    return lines
