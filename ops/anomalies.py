"""What the detector finds odd, now or lately: its verdicts, and the alerts that they became."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from ops.alerts import Alertmanager, FiringAlert, get_alerts
from ops.documents import Document, Part
from ops.errors import SourceError
from ops.prometheus import Prometheus
from vocabulary import metrics as m
from vocabulary.timing.duration import format_duration

THRESHOLD = 1.0
"""From here on an incident of a series is open: the detector's verdict is at least so much while it
is, and 0 otherwise. A single score beyond the threshold opens none."""

FRESH = timedelta(minutes=25)
"""How old a score may be to speak of the present: the detector writes every ten minutes, and one
run may fail."""

ALERT_PREFIX = "Anomaly"


class Anomaly(Part):
    """One series that was, or is, not as it should be."""

    signal: str
    """Which of the detector's signals, as `latency_p95`."""

    labels: dict[str, str]
    """Which series of it."""

    now: bool
    """Whether it still is."""

    score: float | None
    """Newest score, where it still is; 1 is the threshold, more is odder."""

    peak: float
    """Highest score in the time that was looked at."""

    first: AwareDatetime | None
    """First anomalous moment in that time."""

    last: AwareDatetime | None
    """Last one."""

    expected: tuple[float, float] | None
    """Between which values it was expected at last; null when the detector does not say."""


class Anomalies(Document):
    """What the detector finds odd."""

    document: Literal["anomalies/1"] = "anomalies/1"
    """Name and version of this document."""

    at: AwareDatetime
    """When it was asked."""

    since_seconds: float
    """How far back was looked."""

    well: bool
    """Whether nothing is odd at present."""

    scored: int
    """Series of which there are scores; 0 means that nothing can be said."""

    anomalies: tuple[Anomaly, ...]
    """The odd ones, those that still are first, then by peak."""

    alerts: tuple[FiringAlert, ...]
    """Alerts about anomalies that fire now."""

    unknown: tuple[str, ...] = ()
    """What could not be asked, and why."""


def get_anomalies(
    prometheus: Prometheus | None,
    alertmanager: Alertmanager | None = None,
    *,
    since: timedelta = FRESH,
    at: datetime | None = None,
) -> Anomalies:
    """Ask what is odd.

    Raises:
        SourceError: when Prometheus does not answer.
    """
    at = at or datetime.now(UTC)
    unknown: list[str] = []
    found: list[Anomaly] = []
    scored = 0
    if prometheus is None:
        unknown.append("scores: no Prometheus was given")
    else:
        window = max(since, FRESH)
        found = list(_scores(prometheus, at, window))
        counted = prometheus.query(f"count(last_over_time({m.SCORE}[{_span(window)}]))", at)
        scored = int(counted[0][1]) if counted else 0
        if not scored:
            unknown.append(f"the detector has written no score for {format_duration(window)}")
    alerts: list[FiringAlert] = []
    try:
        firing = get_alerts(prometheus, alertmanager)
        alerts = [a for a in firing.alerts if a.name.startswith(ALERT_PREFIX)] if firing else []
    except SourceError as error:
        unknown.append(f"alerts: {error}")
    return Anomalies(
        at=at,
        since_seconds=since.total_seconds(),
        well=not any(each.now for each in found),
        scored=scored,
        anomalies=tuple(sorted(found, key=lambda each: (not each.now, -each.peak))),
        alerts=tuple(alerts),
        unknown=tuple(unknown),
    )


def _scores(prometheus: Prometheus, at: datetime, window: timedelta) -> Iterable[Anomaly]:
    span, fresh = _span(window), _span(FRESH)
    odd = f"timestamp({m.VERDICT} >= {THRESHOLD:g})[{span}:1m]"
    peaks = prometheus.query(f"max_over_time({m.VERDICT}[{span}]) >= {THRESHOLD:g}", at)
    if not peaks:
        return
    newest, first, last, lower, upper = (
        {_key(labels): value for labels, value in prometheus.query(query, at)}
        for query in (
            f"last_over_time({m.VERDICT}[{fresh}]) >= {THRESHOLD:g}",
            f"min_over_time({odd})",
            f"max_over_time({odd})",
            f"last_over_time({m.LOWER}[{span}])",
            f"last_over_time({m.UPPER}[{span}])",
        )
    )
    for labels, peak in peaks:
        key = _key(labels)
        bounded = key in lower and key in upper
        yield Anomaly(
            signal=labels.get("for", ""),
            labels={name: value for name, value in key if name != "for"},
            now=key in newest,
            score=newest.get(key),
            peak=peak,
            first=_moment(first.get(key)),
            last=_moment(last.get(key)),
            expected=(lower[key], upper[key]) if bounded else None,
        )


def _key(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((k, v) for k, v in labels.items() if k != "__name__"))


def _moment(epoch: float | None) -> datetime | None:
    return None if epoch is None else datetime.fromtimestamp(epoch, UTC)


def _span(window: timedelta) -> str:
    return f"{max(1, int(window.total_seconds()))}s"
