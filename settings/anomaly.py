"""The anomaly detector: what it reads, how it judges, how it runs."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from settings.addresses import BaseUrl
from settings.quantities import Cpu, Memory, thousandths
from settings.types import Model, WholeSeconds, broken_rule, duration_field
from settings.words import Digest, DnsLabel, ImageName, ImageTag
from timing.duration import format_duration

HOUR = 60
LEAST_STEPS = 60
"""Steps of history below which no method has anything to compare with."""


class Thresholds(Model):
    """When a method calls a point anomalous."""

    zscore: float = Field(3.0, gt=0, le=20)
    """Standard deviations from the mean."""

    moving_average_percent: float = Field(30.0, gt=0, le=1000)
    """Deviation from the moving average, in percent."""


class Image(Model):
    """The runtime: Python with numpy, requests and pydantic. The detector itself is mounted."""

    repository: ImageName = "ghcr.io/albertodimas/brisa-anomaly-runtime"
    """Image repository."""

    tag: ImageTag = "1.0.0"
    """Tag, for people."""

    digest: Digest | None = None
    """Digest, for machines; required in production by policy."""

    @property
    def reference(self) -> str:
        """As a pod names it."""
        tagged = f"{self.repository}:{self.tag}"
        return f"{tagged}@{self.digest}" if self.digest else tagged


class Resources(Model):
    """What the detector's pod asks for and may use."""

    cpu_request: Cpu = "100m"
    """CPU asked for."""

    cpu_limit: Cpu = "1"
    """CPU at most."""

    memory: Memory = "512Mi"
    """Memory asked for and at most; the same, so that the pod is not killed for others' sake."""

    @model_validator(mode="after")
    def _request_within_limit(self) -> "Resources":
        if thousandths(self.cpu_request) > thousandths(self.cpu_limit):
            raise broken_rule(f"is more than cpuLimit, {self.cpu_limit}", "cpuRequest")
        return self


class Anomaly(Model):
    """The detector area of a stack."""

    install: bool = True
    """Run the detector."""

    enabled: bool = True
    """False keeps it in place but suspended."""

    namespace: DnsLabel = "anomaly-detection"
    """Where it runs."""

    prometheus_url: BaseUrl
    """Prometheus, or what speaks its query API."""

    prometheus_namespace: DnsLabel = "monitoring"
    """Namespace of Prometheus, to which the network policy opens the way."""

    interval_minutes: int = Field(10, ge=1, le=60)
    """How often it runs; a divisor of 60, so that runs are evenly spaced."""

    lookback: WholeSeconds = duration_field("24h", least="1h", most="2160h")
    """History read by each run."""

    step: WholeSeconds = duration_field("1m0s", least="10s", most="1h")
    """Resolution of that history."""

    method: Literal["ensemble", "zscore", "moving_average", "iqr", "exponential_smoothing"] = (
        "ensemble"
    )
    """How points are judged; `ensemble` is the vote of the four."""

    thresholds: Thresholds = Thresholds()
    """Limits of the methods."""

    image: Image = Image()
    """Runtime image."""

    resources: Resources = Resources()
    """Requests and limits."""

    @field_validator("interval_minutes")
    @classmethod
    def _evenly_spaced(cls, minutes: int) -> int:
        if HOUR % minutes:
            raise ValueError("does not divide 60; use 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60")
        return minutes

    @model_validator(mode="after")
    def _several_steps(self) -> "Anomaly":
        if self.lookback < LEAST_STEPS * self.step:
            lookback = format_duration(self.lookback)
            raise broken_rule(f"leaves fewer than {LEAST_STEPS} steps in {lookback}", "step")
        return self

    @property
    def cron(self) -> str:
        """The CronJob's schedule."""
        minutes = "0" if self.interval_minutes == HOUR else f"*/{self.interval_minutes}"
        return f"{minutes} * * * *"
