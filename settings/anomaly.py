"""The anomaly detector: what it reads, how it judges, how it runs."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from settings.addresses import PROMETHEUS_PATHS, ServerUrl, without_path
from settings.detection import Alerting, Mask, Method, Signals, Thresholds
from settings.quantities import Cpu, Memory, Storage, mebibytes, thousandths
from settings.results import Access, ExistingSecret, Results, check_authority
from settings.types import Model, Once, TimeZone, WholeSeconds, broken_rule, duration_field
from settings.words import Digest, DnsLabel, ImageName, ImageTag
from vocabulary.timing.duration import format_duration

HOUR = 60
LEAST_STEPS = 60
"""Steps of history below which no method has anything to compare with."""


LEAST_MEMORY = 128
"""Mebibytes below which the detector's process does not start."""


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

    @model_validator(mode="after")
    def _room_to_start(self) -> "Resources":
        if mebibytes(self.memory) < LEAST_MEMORY:
            raise broken_rule(f"is less than {LEAST_MEMORY}Mi, which Python alone needs", "memory")
        return self


class State(Model):
    """A volume for what one run leaves for the next: what it has told, and what it has learnt."""

    size: Storage = "1Gi"
    """Its size; a series of a signal takes 50 to 115 KiB."""

    storage_class: DnsLabel | None = None
    """Kind of volume; null takes the cluster's default. Where there is none, name one: pods wait
    for their volume."""

    access_mode: Literal["ReadWriteOnce", "ReadWriteMany"] = "ReadWriteOnce"
    """`ReadWriteMany` when several shards, which run on several nodes, have to mount it."""


class Anomaly(Model):
    """The detector area of a stack."""

    install: bool = True
    """Run the detector."""

    enabled: bool = True
    """False keeps it in place but suspended."""

    namespace: DnsLabel = "anomaly-detection"
    """Where it runs."""

    prometheus_url: ServerUrl
    """Prometheus, or what speaks its query API."""

    prometheus_namespace: DnsLabel | None = "monitoring"
    """Namespace of Prometheus, to which the network policy opens the way; null when it is outside
    the cluster, which opens the way to its port anywhere."""

    prometheus_access: Access = Access()
    """What Prometheus asks for."""

    mode: Literal["cronjob", "deployment"] = "cronjob"
    """`cronjob`: a pod for every run, and nothing between them. `deployment`: one pod that stays,
    for clusters in which starting one is slow."""

    interval_minutes: int = Field(10, ge=1, le=60)
    """How often it runs; a divisor of 60, so that runs are evenly spaced."""

    lookback: WholeSeconds = duration_field("336h", least="1h", most="2160h")
    """History that judges the newest points; two weeks hold every weekday twice."""

    step: WholeSeconds = duration_field("5m0s", least="10s", most="1h")
    """Resolution of that history."""

    method: Method = "calibrated"
    """How points are judged. `ensemble` is the vote of the original four, which follow it; they are
    for comparison, not for waking anybody."""

    timezone: TimeZone = "UTC"
    """Zone of the people who make the traffic; days and weeks follow their clocks."""

    thresholds: Thresholds = Thresholds()
    """Limits of the original methods."""

    signals: Signals = Signals()
    """What is looked at."""

    alerting: Alerting = Alerting()
    """When an incident is told."""

    masks: Annotated[tuple[Mask, ...], Once] = ()
    """When none is."""

    results: Results = Results()
    """Where findings go."""

    existing_secret: ExistingSecret | None = None
    """A Secret that somebody else makes; null lets the stack make one of its Pulumi secrets."""

    shards: int = Field(1, ge=1, le=1000)
    """Pods that share the series, as an Indexed Job; one does 10,000 series. With `deployment`
    there is only one."""

    state: State | None = State()
    """A volume that outlives the pod. null lets every run read all of its history and work out from
    the series that it writes whom it has told what; Slack and PagerDuty then need
    `results.remoteWrite`."""

    skip_await: bool = False
    """Do not wait until a Deployment's pod runs: for clusters that run no pods."""

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

    @model_validator(mode="after")
    def _incidents_begin_and_end(self) -> "Anomaly":
        """A run looks no further back than its history."""
        alerting, steps = self.alerting, self.lookback // self.step
        needed = {
            "persistentPoints": 2 * alerting.persistent_points,
            "recoveryPoints": alerting.recovery_points,
        }
        for key, points in needed.items():
            if points > steps:
                what = f"needs {points} steps of history; lookback and step leave {steps}"
                raise broken_rule(what, "alerting", key)
        return self

    @model_validator(mode="after")
    def _verifiable(self) -> "Anomaly":
        check_authority(self.prometheus_url, self.prometheus_access, "prometheusAccess")
        return self

    @model_validator(mode="after")
    def _one_pod_or_many(self) -> "Anomaly":
        if self.shards > 1 and self.mode == "deployment":
            raise broken_rule("needs mode: cronjob; a Deployment's pods have no index", "shards")
        if self.shards > 1 and self.state and self.state.access_mode != "ReadWriteMany":
            what = (
                f"lets one node mount it; {self.shards} shards need ReadWriteMany, or no volume: "
                "state: null"
            )
            raise broken_rule(what, "state", "accessMode")
        return self

    @field_validator("prometheus_url")
    @classmethod
    def _base(cls, url: str) -> str:
        return without_path(url, *PROMETHEUS_PATHS)

    @model_validator(mode="after")
    def _masks_of_signals(self) -> "Anomaly":
        known = set(self.signals.names)
        for place, mask in enumerate(self.masks):
            unknown = sorted(set(mask.signals) - known)
            if unknown:
                what = f"names {', '.join(unknown)}; there are {', '.join(sorted(known))}"
                raise broken_rule(what, "masks", place, "signals")
        return self

    @property
    def interval(self) -> timedelta:
        """How often it runs."""
        return timedelta(minutes=self.interval_minutes)

    @property
    def cron(self) -> str:
        """The CronJob's schedule."""
        minutes = "0" if self.interval_minutes == HOUR else f"*/{self.interval_minutes}"
        return f"{minutes} * * * *"
