"""One look at one metric, without memory: what is anomalous in its last minutes."""

from dataclasses import dataclass

from anomaly.config.alerting import Alerting
from anomaly.config.detector import DetectorConfig
from anomaly.config.signals import WatchedSignal
from anomaly.detector import Detector
from anomaly.incidents.alert import Alert
from anomaly.incidents.cause import advised, kind_by_name
from anomaly.incidents.describe import Teller
from anomaly.incidents.grouping import rank
from anomaly.labels import Shard
from anomaly.pipeline.chunks import Method
from anomaly.pipeline.judging import Judging
from anomaly.pipeline.preparation import Preparation
from anomaly.prometheus.blocks import Blocks, Companions, Source
from anomaly.prometheus.readings import Readings

MOST_SERIES = 10_000


@dataclass(frozen=True)
class Observation:
    """What a look at a metric brought."""

    alerts: tuple[Alert, ...]
    """Incidents that have anomalous points in the minutes looked at, the most urgent first."""

    series: int
    """How many series there are."""

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
        PrometheusError: the metric cannot be read.
        ValueError: there is a name and no query.
    """
    watched = signal if isinstance(signal, WatchedSignal) else _named(signal, query)
    rules = alerting or Alerting()
    preparation = Preparation.of(watched)
    method = Method(
        preparation,
        masks=(),
        rules=rules.rules(step_seconds=step_seconds, remembered_seconds=lookback_seconds),
        dead_after_seconds=rules.dead_after_seconds,
    )
    blocks = Blocks(
        prometheus,
        Companions(prometheus),
        watched,
        step=step_seconds,
        shard=Shard(),
        most_series=MOST_SERIES,
    )
    end = now // step_seconds * step_seconds
    start = (now - max(lookback_seconds, minutes * 60)) // step_seconds * step_seconds
    detector = Detector(preparation.config(config or DetectorConfig()))
    judging = Judging(detector, method, None, lately=start)
    warnings: dict[str, None] = {}
    with Readings() as readings:
        for block in blocks.read(start, end):
            readings.add(block)
            warnings |= dict.fromkeys(block.warnings)
        judging.judge(readings, lambda *_: None, lambda _: None)
    if not judging.series:
        warnings["the query has no series"] = None
    teller = Teller(environment, watched, rules, step_seconds)
    alerts = [
        teller.alert(dict(episode.key), episode.incident)
        for episode in judging.episodes
        if episode.incident.last > now - minutes * 60
    ]
    ranked = advised(sorted(alerts, key=rank), rules.group_gap_seconds)
    return Observation(ranked, judging.series, tuple(warnings))


def _named(name: str, query: str | None) -> WatchedSignal:
    if query is None:
        raise ValueError(f"{name} is a name; say which query it is of")
    return WatchedSignal(name=name, query=query, kind=kind_by_name(name))
