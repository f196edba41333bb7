"""Who noticed a run: alerts that fired, series that the detector found odd, and how fast."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ops.anomalies import THRESHOLD
from ops.chaos.report.document import DetectorGrade, Noticed, Run
from ops.chaos.report.figures import Phases
from ops.prometheus import Prometheus, Series
from vocabulary import metrics as m

SETTLE = timedelta(minutes=10)
"""How long after the last fault what is noticed may still be of its making."""

STEP_SECONDS = 15.0
_SERVICE_LABELS = ("service", "destination_service_name")
_WATCHDOG = ("none", "")


def read_alerts(prometheus: Prometheus, run: Run, phases: Phases) -> list[Noticed]:
    """Alerts that fired, but for those that fired before it too.

    Raises:
        SourceError: when Prometheus does not answer.
    """
    found = _asked(prometheus, f'{m.ALERTS}{{alertstate="firing"}}', phases)
    return [
        Noticed(
            name=each.labels.get("alertname", ""),
            labels=_identity(each.labels),
            severity=each.labels.get("severity", ""),
            first=first,
            expected=concerns(each.labels, run),
        )
        for each in found
        if each.labels.get("severity", "") not in _WATCHDOG
        and (first := _first(each, phases)) is not None
    ]


def read_anomalies(
    prometheus: Prometheus, run: Run, phases: Phases
) -> tuple[list[Noticed], list[Series]]:
    """Series that became odd, and all scores of the service itself.

    Raises:
        SourceError: when Prometheus does not answer.
    """
    odd = _asked(prometheus, f"{m.VERDICT} >= {THRESHOLD:g}", phases)
    own = _asked(
        prometheus,
        f'{m.SCORE}{{destination_service_name="{run.service}", '
        f'destination_service_namespace="{run.service_namespace}"}}',
        phases,
    )
    noticed = [
        Noticed(
            name=each.labels.get("for", ""),
            labels=_identity(each.labels),
            severity="",
            first=first,
            expected=concerns(each.labels, run),
        )
        for each in odd
        if (first := _first(each, phases)) is not None
    ]
    return noticed, own


def grade(
    anomalies: Sequence[Noticed], own: Sequence[Series], phases: Phases, impact: bool | None
) -> DetectorGrade:
    """What the run says about the detector. Pure.

    Args:
        anomalies: what became odd in its time.
        own: scores of the service that was aimed at.
        phases: the time of the run.
        impact: whether the fault shows in the service's figures.
    """
    seen = sorted(each.first for each in anomalies if each.expected)
    if seen:
        delay = (seen[0] - phases.start).total_seconds()
        return DetectorGrade(
            grade="seen", delay_seconds=delay, reason=f"an anomaly of the service after {delay:g} s"
        )
    span = phases.start.timestamp(), (phases.end + SETTLE).timestamp()
    scored = any(span[0] <= moment <= span[1] for each in own for moment, _ in each.points)
    if not scored:
        return _ungraded("the detector wrote no score for the service in that time")
    if impact is None:
        return _ungraded("the service's figures are not known, so nor is what there was to see")
    if not impact:
        return _ungraded("the fault did not show in the service's figures: nothing to see")
    return DetectorGrade(
        grade="missed", delay_seconds=None, reason="the fault shows in the figures, in no score"
    )


def concerns(labels: Mapping[str, str], run: Run) -> bool:
    """Whether labels speak of the service that was aimed at."""
    return any(labels.get(label) == run.service for label in _SERVICE_LABELS)


def _ungraded(reason: str) -> DetectorGrade:
    return DetectorGrade(grade="none", delay_seconds=None, reason=reason)


def _asked(prometheus: Prometheus, query: str, phases: Phases) -> list[Series]:
    end = phases.end + SETTLE
    step = max(STEP_SECONDS, (end - phases.first).total_seconds() / 1000)
    return prometheus.query_range(query, phases.first, end, step)


def _first(series: Series, phases: Phases) -> datetime | None:
    """When it was first so since the first fault; None if it was so just before already."""
    start = phases.start.timestamp()
    just_before = [at for at, _ in series.points if start - 2 * STEP_SECONDS <= at < start]
    since = [moment for moment, _ in series.points if moment >= start]
    if just_before or not since:
        return None
    return datetime.fromtimestamp(since[0], UTC)


def _identity(labels: Mapping[str, str]) -> dict[str, str]:
    left_out = {"__name__", "alertname", "alertstate", "severity", "for"}
    return {key: value for key, value in labels.items() if key not in left_out}
