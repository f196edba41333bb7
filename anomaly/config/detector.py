"""How the detector judges: method and parameters, in one immutable model."""

from datetime import UTC, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from anomaly.config import Model, Zone

MethodName = Literal[
    "calibrated", "ensemble", "zscore", "moving_average", "iqr", "exponential_smoothing"
]
DirectionName = Literal["both", "above", "below"]

DAY = 86_400.0
"""Seconds."""


class DetectorConfig(Model):
    """One configuration suits every series; the defaults are what is measured and shipped."""

    method: MethodName = "calibrated"
    """Who judges: the calibrated score, one method of the original design, or the vote of its
    four."""

    threshold: float = Field(1.0, ge=1e-3, le=1e6, allow_inf_nan=False)
    """How far beyond what is usual an anomaly begins, as a multiple of what the detector has found
    out for each series: 2 makes it half as sensitive. Scores are divided by it, so 1 stays their
    threshold for whoever reads them. `backtest` suggests one."""

    direction: DirectionName = "both"
    """On which side of what is expected a deviation opens an alert."""

    min_absolute_deviation: float = Field(0.0, ge=0, allow_inf_nan=False)
    """Distance from what is expected that is worth an alert, in the unit of the series."""

    min_relative_deviation: float = Field(0.0, ge=0, le=1e6, allow_inf_nan=False)
    """The same as a share of what is expected; both must be reached. 0.2 ignores what is less
    than 20 % off."""

    peak_hold: bool = True
    """Whether scores fall back slowly after a peak, so that an incident ranks as a whole; alerts
    do not depend on it."""

    time_zone: Zone = "UTC"
    """Where the people live who make the traffic; days and weeks follow their clocks."""

    trigger_seconds: float = Field(600.0, gt=0, le=DAY, allow_inf_nan=False)
    """Time that is looked at to open an alert; with steps that are longer, one point is enough.
    Where several points fit in, two of them must be anomalous at least."""

    trigger_fraction: float = Field(0.2, gt=0, le=1)
    """Share of the points of that time that must be anomalous."""

    certain_score: float = Field(1.5, gt=1, allow_inf_nan=False)
    """A score above this opens an alert with one point, however short the steps are."""

    recovery_seconds: float = Field(360.0, gt=0, le=366 * DAY, allow_inf_nan=False)
    """An incident is over when the series has been back for so long inside the band of before the
    incident ..."""

    recovery_points: int = Field(3, ge=1, le=10_000)
    """... and at least for so many points."""

    shift_seconds: float = Field(12 * 3600.0, gt=0, le=366 * DAY, allow_inf_nan=False)
    """An incident that lasts so long has become normal: it is over, and the series is learnt anew
    from it ..."""

    shift_least_points: int = Field(8, ge=1, le=10_000)
    """... though not before so many points."""

    zscore_threshold: float = Field(3.0, gt=0, allow_inf_nan=False)
    """Standard deviations that are still normal; of the values for `zscore`, of the errors for
    `exponential_smoothing`."""

    moving_average_window: int = Field(10, ge=2, le=10_000)
    """Points that the moving average is taken of."""

    moving_average_percent: float = Field(30.0, gt=0, allow_inf_nan=False)
    """Deviation from the moving average that is still normal, in percent."""

    iqr_factor: float = Field(1.5, gt=0, allow_inf_nan=False)
    """Interquartile ranges outside the quartiles that are still normal."""

    smoothing_alpha: float = Field(0.3, gt=0, lt=1)
    """Weight of the newest point in exponential smoothing."""

    history: int = Field(288, ge=2, le=100_000)
    """Points that `zscore`, `iqr` and the errors of `exponential_smoothing` look back; a day of
    five-minute steps."""

    warmup: int = Field(30, ge=2, le=100_000)
    """Points that these need before they judge at all."""

    @property
    def zone(self) -> tzinfo:
        """The time zone."""
        return UTC if self.time_zone == "UTC" else ZoneInfo(self.time_zone)


def at_threshold(config: DetectorConfig, threshold: float | None) -> DetectorConfig:
    """The same with another threshold; as it is where none is given."""
    return config if threshold is None else config.model_copy(update={"threshold": threshold})
