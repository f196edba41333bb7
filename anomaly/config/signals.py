"""A signal as a run watches it: the query, and what makes a deviation of it worth telling.

What is not set follows from the signal's kind, so that a bare query of a known kind is judged as
its kind should be.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from anomaly.config import Model
from anomaly.config.detector import DetectorConfig

Kind = Literal["latency", "errors", "traffic", "saturation", "other"]
Side = Literal["both", "above", "below"]

RATE_WINDOW_SECONDS = 300
"""Several scrapes, so that one that is missed leaves no hole."""


USUAL: Mapping[Kind, Mapping[str, Any]] = {
    "latency": {
        "direction": "above",
        "minimum_relative_deviation": 0.25,
        "logarithmic": True,
        "absent_after_steps": 0,
    },
    "errors": {
        "direction": "above",
        "minimum_absolute_deviation": 0.01,
        "minimum_relative_deviation": 0.0,
        "absent_after_steps": 0,
    },
    # Less than five requests a minute are too few to say anything, except that they are few.
    "traffic": {"minimum_relative_deviation": 0.3, "floor": 5 / 60},
    "saturation": {"direction": "above"},
    "other": {},
}
"""What holds for a kind unless a signal says otherwise; the rest is as the fields say. Latency and
errors of a service that has no traffic are absent by nature; its traffic is not."""

UNNAMED = "metric"
"""Name of the signal that a query is which nobody has configured."""

COUNTED_REQUESTS = 20
"""Requests below which a ratio of errors says nothing."""

FAILED_REQUESTS = 5
"""Failed requests below which their share says nothing."""

QUANTILE_NAME = re.compile(r"_p(\d{2,4})$")


class Signal(Model):
    """One kind of series to watch, for all services in one query."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """Name in findings and in written series, such as `latency_p95`."""

    query: str = Field(min_length=1)
    """PromQL that gives one series a service."""

    kind: Kind = "other"
    """What it measures, which decides how its values are prepared: `latency` is judged where there
    is traffic, `errors` is a ratio that is judged as counts."""

    traffic: str | None = Field(None, min_length=1)
    """PromQL of the requests per second behind each series, with the same labels. Latency is gated
    on it; of an error ratio it gives the number of requests."""

    window_seconds: int = Field(RATE_WINDOW_SECONDS, ge=1)
    """Range over which the rates in the query are taken. A point speaks of `traffic` times this
    many requests."""

    service_labels: tuple[str, ...] = ("namespace", "service")
    """Labels that name the service, namespace first."""

    unit: str = ""
    """Unit of the values, for people."""


class WatchedSignal(Signal):
    """A query and how its series are judged."""

    direction: Side = "both"
    """On which side a deviation counts. Default by kind: `above` for latency, errors and
    saturation, `both` for others."""

    minimum_absolute_deviation: float = Field(0.0, ge=0, allow_inf_nan=False)
    """Distance from the expected, in the signal's unit, below which a deviation does not matter.
    Default 0.01 for errors (a percentage point), 0 for others."""

    minimum_relative_deviation: float = Field(0.1, ge=0, allow_inf_nan=False)
    """The same as a share of the expected; both must be exceeded. Default 0.25 for latency, 0.3 for
    traffic, 0 for errors, 0.1 for others."""

    floor: float = Field(0.0, ge=0, allow_inf_nan=False)
    """Deviations where the value and the expected are both below this, signs aside, are not told.
    Default five requests a minute for traffic, 0 for others."""

    minimum_requests: int | None = Field(None, ge=1)
    """Requests of a point below which its latency or error ratio says nothing. Default for
    latency by the quantile in its name, so that one request lies beyond it: 20 for `..._p95`, 100
    for `..._p99`; 20 for errors. Needs `traffic`."""

    minimum_errors: int = Field(FAILED_REQUESTS, ge=1)
    """Failed requests of a point below which its error ratio is not told. Needs `traffic`."""

    logarithmic: bool = False
    """Whether ratios count rather than differences: 100 to 200 is as far as 200 to 400. Default
    true for latency."""

    absent_after_steps: int = Field(3, ge=0)
    """Steps after which a series that was there is reported as absent, while the query goes on to
    bring others; one that often has gaps gets twice its longest. 0 never does. Default 3, and 0 for
    latency and errors, which are absent whenever there is no traffic."""

    detector: DetectorConfig | None = None
    """How this signal is judged; what is left out is as in the settings' `detector`."""

    @model_validator(mode="before")
    @classmethod
    def _as_usual(cls, given: Any) -> Any:
        """What is not said, or null, is as it is for the kind."""
        if not isinstance(given, dict):
            return given
        said = {name: value for name, value in given.items() if value is not None}
        usual = next((each for kind, each in USUAL.items() if kind == said.get("kind")), {})
        return {**usual, **said}

    @model_validator(mode="after")
    def _heard(self) -> Self:
        """What would be ignored is refused."""
        errors = self.minimum_errors != FAILED_REQUESTS
        if errors and self.kind != "errors":
            raise ValueError(f"minimum_errors is for errors, and this is {self.kind}")
        given = {"minimum_requests": self.minimum_requests is not None, "minimum_errors": errors}
        for name in (name for name, wanted in given.items() if wanted and self.traffic is None):
            raise ValueError(f"{name} needs traffic, by which requests are counted")
        if self.kind == "errors" and self.logarithmic:
            raise ValueError("logarithmic is not for errors, which are judged as counts")
        return self

    @property
    def least_requests(self) -> int:
        """Requests of a point from which on it says something."""
        if self.minimum_requests is not None:
            return self.minimum_requests
        named = QUANTILE_NAME.search(self.name)
        if self.kind == "latency" and named:
            digits = str(named[1])
            whole = int(f"1{'0' * len(digits)}")
            return math.ceil(whole / (whole - int(digits)))
        return COUNTED_REQUESTS if self.kind == "errors" else 1
