"""How the detector judges: the methods' parameters, in one immutable model."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MethodName = Literal["ensemble", "zscore", "moving_average", "iqr", "exponential_smoothing"]


class DetectorConfig(BaseModel):
    """Parameters of the methods; the defaults are those of the original design."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    method: MethodName = "ensemble"
    """Who judges: one method, or the vote of all four."""

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

    direction: Literal["both", "above", "below"] = "both"
    """On which side of the expected a point can be an anomaly."""

    min_absolute_deviation: float = Field(0.0, ge=0, allow_inf_nan=False)
    """Distance from the expected below which no point is an anomaly."""

    min_relative_deviation: float = Field(0.0, ge=0, allow_inf_nan=False)
    """The same as a share of the expected."""
