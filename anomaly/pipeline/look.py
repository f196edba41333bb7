"""One look at one metric, without memory: what is anomalous in its last minutes."""

from dataclasses import dataclass

from anomaly.config.alerting import Alerting
from anomaly.config.detector import DetectorConfig
from anomaly.config.signals import WatchedSignal
from anomaly.incidents.alert import Alert, rank
from anomaly.incidents.describe import Teller, advised, kind_by_name
from anomaly.labels import Shard
from anomaly.pipeline.fetch import history
from anomaly.pipeline.judge import Judging, Method
from anomaly.prometheus.blocks import Companions, Source
from anomaly.settings import Settings


@dataclass(frozen=True)
class Observation:
    """What a look at a metric brought."""

    alerts: tuple[Alert, ...]
    """Incidents that have anomalous points in the minutes looked at, the most urgent first."""

    series: int
    warnings: tuple[str, ...]
    """What makes the look less than complete."""


def monitor_metric_for_anomalies(
    prometheus: Source,
    signal: str | WatchedSignal,
    query: str | None = None,
    *,
    now: float,
    minutes: float,
    lookback_seconds: int = 14 * 24 * 3600,
    step_seconds: int = 300,
    config: DetectorConfig | None = None,
    alerting: Alerting | None = None,
    environment: str = "default",
) -> Observation:
    """What is anomalous in the last minutes of a metric, judged by all of its history read.

    Args:
        prometheus: where to read.
        signal: how the metric is judged, or its name: `latency_p95`, `error_rate`, `traffic`...
            are judged as their kind should be.
        query: PromQL, where the signal is a name.
        now: epoch seconds of the newest step.
        minutes: how far back anomalies are reported.
        lookback_seconds: history that is read.
        step_seconds: resolution of that history.
        config: how points are judged.
        alerting: what makes an incident urgent.
        environment: part of the keys of alerts.

    Raises:
        ServerError: the metric cannot be read.
        ValueError: there is a name and no query.
    """
    settings = Settings().model_copy(
        update={
            "lookback_seconds": lookback_seconds,
            "step_seconds": step_seconds,
            "detector": config or DetectorConfig(),
            "alerting": alerting or Alerting(),
            "environment": environment,
        }
    )
    watched = signal if isinstance(signal, WatchedSignal) else _named(signal, query)
    return look(prometheus, watched, settings, now=now, minutes=minutes)


def look(
    source: Source, signal: WatchedSignal, settings: Settings, *, now: float, minutes: float
) -> Observation:
    """The same of a signal as settings have it judged; whatever shard its series are of.

    Raises:
        ServerError: it cannot be read.
    """
    settings = settings.model_copy(update={"shards": Shard()})
    step, alerting = settings.step_seconds, settings.alerting
    start = (now - max(settings.lookback_seconds, minutes * 60)) // step * step
    span = (start, now // step * step)
    judging = Judging(Method.of(signal, settings), lately=start)
    readings, warnings = history(signal, settings, source, Companions(source), span)
    with readings:
        judging.judge(readings)
    if not judging.series:
        warnings = (*warnings, "the query has no series")
    teller = Teller(settings.environment, signal, alerting, step)
    alerts = [
        teller.alert(dict(episode.key), episode.incident)
        for episode in judging.episodes
        if episode.incident.last > now - minutes * 60
    ]
    ranked = advised(sorted(alerts, key=rank), alerting.group_gap_seconds)
    return Observation(ranked, judging.series, warnings)


def _named(name: str, query: str | None) -> WatchedSignal:
    if query is None:
        raise ValueError(f"{name} is a name; say which query it is of")
    return WatchedSignal(name=name, query=query, kind=kind_by_name(name))
