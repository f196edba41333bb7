"""From a query to findings: which series are anomalous, since when, and what to do about it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from anomaly.config import DetectorConfig
from anomaly.detector import Detector, Replay
from anomaly.reading.matrix import SeriesMatrix
from anomaly.reading.prometheus import Prometheus

CRITICAL = 2.0
"""From this score on a finding is critical."""

SUSTAINED = 3
"""Anomalous points from which on a finding is a pattern and not a blip."""

ADVICE = {
    "latency": "look at what the service waits for, at its saturation and at the last rollout",
    "error_rate": "look at the logs of the failing requests and roll the last change back",
    "traffic": "find out who calls more or less than usual, and whether the service is reachable",
}
"""What to look at first, by the beginning of a signal's name."""


@dataclass(frozen=True)
class Finding:
    """A series that is anomalous."""

    signal: str
    """Which signal."""

    labels: Mapping[str, str]
    """Which series of it."""

    since: float
    """Epoch seconds of the first anomalous point looked at."""

    points: int
    """How many of the points looked at are anomalous."""

    value: float
    """The most anomalous value."""

    expected: float
    """What was expected then."""

    lower: float
    """Lower edge of what was normal then."""

    upper: float
    """Upper edge of what was normal then."""

    score: float
    """How anomalous; 1 is the threshold."""

    methods: tuple[str, ...]
    """The methods that say so."""


@dataclass(frozen=True)
class Observation:
    """What a look at a metric brought."""

    findings: tuple[Finding, ...]
    """The series that are anomalous."""

    series: int
    """How many series there were."""

    warnings: tuple[str, ...]
    """What makes the look less than complete."""


def monitor_metric_for_anomalies(
    prometheus: Prometheus,
    signal: str,
    query: str,
    *,
    now: float,
    minutes: float,
    lookback_seconds: int = 24 * 3600,
    step_seconds: int = 60,
    config: DetectorConfig | None = None,
) -> Observation:
    """What is anomalous in the last minutes of a metric, judged by all of its history read.

    Args:
        prometheus: where to read.
        signal: name of the metric in findings.
        query: PromQL.
        now: epoch seconds of the newest step.
        minutes: how far back anomalies are reported.
        lookback_seconds: history that is read.
        step_seconds: resolution of that history.
        config: how points are judged.
    """
    start = now - max(lookback_seconds, minutes * 60)
    series = prometheus.query_range(query, start=start, end=now, step=step_seconds)
    replay = Detector(config or DetectorConfig()).replay(series.timestamps, series.values)
    findings = tuple(_findings(signal, series, replay, now - minutes * 60))
    warnings = series.warnings if series.labels else (*series.warnings, "the query has no series")
    return Observation(findings, len(series.labels), warnings)


def _findings(signal: str, series: SeriesMatrix, replay: Replay, after: float) -> Iterator[Finding]:
    recent = replay.alerting & (series.timestamps > after)
    for row in np.flatnonzero(recent.any(axis=1)):
        worst = int(np.argmax(np.where(recent[row], replay.score[row], -1.0)))
        yield Finding(
            signal=signal,
            labels=series.labels[row],
            since=float(series.timestamps[int(np.argmax(recent[row]))]),
            points=int(np.count_nonzero(recent[row])),
            value=float(series.values[row, worst]),
            expected=float(replay.expected[row, worst]),
            lower=float(replay.lower[row, worst]),
            upper=float(replay.upper[row, worst]),
            score=float(replay.score[row, worst]),
            methods=tuple(name for name, score in replay.views.items() if score[row, worst] > 1),
        )


def get_anomaly_recommendations(findings: Sequence[Finding]) -> list[str]:
    """What to do about findings, the worst first; one line each."""
    return [_advice(finding) for finding in sorted(findings, key=lambda found: -found.score)]


def _advice(finding: Finding) -> str:
    severity = "critical" if finding.score >= CRITICAL else "warning"
    direction = "above" if finding.value > finding.expected else "below"
    pattern = "sustained" if finding.points >= SUSTAINED else "brief so far"
    advice = next(
        (text for prefix, text in ADVICE.items() if finding.signal.startswith(prefix)),
        "compare with the other signals of the service",
    )
    where = ", ".join(finding.labels.values()) or "the series"
    return (
        f"{severity}: {finding.signal} of {where} is {direction} what is normal ({pattern}); "
        f"{advice}"
    )
