"""The anomaly detector: what it reads, how it judges, how it runs."""

from typing import Literal

from pydantic import Field, model_validator

from settings.types import DnsLabel, Duration, HttpUrl, Model, duration_field

HOUR = 60


class Thresholds(Model):
    """When a method calls a point anomalous."""

    zscore: float = Field(3.0, gt=0, le=20)
    """Standard deviations from the mean."""

    moving_average_percent: float = Field(30.0, gt=0, le=1000)
    """Deviation from the moving average, in percent."""


class Image(Model):
    """The runtime: Python with numpy, requests and pydantic. The detector itself is mounted."""

    repository: str = Field("ghcr.io/albertodimas/brisa-anomaly-runtime", pattern=r"^[\w./:-]+$")
    """Image repository."""

    tag: str = Field("1.0.0", pattern=r"^[\w][\w.-]*$")
    """Tag, for people."""

    digest: str | None = Field(None, pattern=r"^sha256:[0-9a-f]{64}$")
    """Digest, for machines; required in production by policy."""

    @property
    def reference(self) -> str:
        """As a pod names it."""
        tagged = f"{self.repository}:{self.tag}"
        return f"{tagged}@{self.digest}" if self.digest else tagged


class Resources(Model):
    """What the detector's pod asks for and may use."""

    cpu_request: str = Field("100m", pattern=r"^\d+m?$")
    """CPU asked for."""

    cpu_limit: str = Field("1", pattern=r"^\d+m?$")
    """CPU at most."""

    memory: str = Field("512Mi", pattern=r"^\d+(Mi|Gi)$")
    """Memory asked for and at most; the same, so that the pod is not killed for others' sake."""


class Anomaly(Model):
    """The detector area of a stack."""

    install: bool = True
    """Run the detector."""

    enabled: bool = True
    """False keeps it in place but suspended."""

    namespace: DnsLabel = "anomaly-detection"
    """Where it runs."""

    prometheus_url: HttpUrl
    """Prometheus, or what speaks its query API."""

    prometheus_namespace: DnsLabel = "monitoring"
    """Namespace of Prometheus, to which the network policy opens the way."""

    interval_minutes: int = Field(10, ge=1, le=60)
    """How often it runs; a divisor of 60, so that runs are evenly spaced."""

    lookback: Duration = duration_field("24h", least="1h", most="2160h")
    """History read by each run."""

    step: Duration = duration_field("1m0s", least="10s", most="1h")
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

    @model_validator(mode="after")
    def _evenly_spaced(self) -> "Anomaly":
        if HOUR % self.interval_minutes:
            raise ValueError(
                f"intervalMinutes {self.interval_minutes} does not divide 60; "
                "use 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60"
            )
        return self

    @property
    def cron(self) -> str:
        """The CronJob's schedule."""
        minutes = "0" if self.interval_minutes == HOUR else f"*/{self.interval_minutes}"
        return f"{minutes} * * * *"
