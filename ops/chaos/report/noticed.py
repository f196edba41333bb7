"""Who noticed a run: alerts that fired, series that the detector found odd, and how fast."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ops.anomalies import THRESHOLD
from ops.chaos.report.document import DetectorGrade, Noticed, Run
from ops.chaos.report.figures import Phases
from ops.prometheus import STEP_SECONDS, Prometheus, Series, of_service
from vocabulary import metrics as m

SETTLE = timedelta(minutes=10)
"""How long after the last fault what is noticed may still be of its making."""

_SERVICE_LABELS = ("service", "destination_service_name")
_WATCHDOG = ("none", "")


@dataclass(frozen=True)
class Seen:
    """What was so in the time of a run."""

    since: tuple[Noticed, ...] = ()
    """What became so with the first fault or later."""

    before: tuple[Noticed, ...] = ()
    """What was so just before it already: what the fault adds to that, nobody can tell."""

    @property
    def all(self) -> tuple[Noticed, ...]:
        """Either."""
        return self.before + self.since


def read_alerts(prometheus: Prometheus, run: Run, phases: Phases) -> Seen:
    """Alerts that fired.

    Raises:
        SourceError: when Prometheus does not answer.
    """
    found = _asked(prometheus, f'{m.ALERTS}{{alertstate="firing"}}', phases)
    told = [each for each in found if each.labels.get("severity", "") not in _WATCHDOG]
    return _seen(told, "alertname", run, phases)


def read_anomalies(prometheus: Prometheus, run: Run, phases: Phases) -> tuple[Seen, list[Series]]:
    """Series that were odd, and all scores of the service itself.

    Raises:
        SourceError: when Prometheus does not answer.
    """
    odd = _asked(prometheus, f"{m.VERDICT} >= {THRESHOLD:g}", phases)
    which = of_service(run.service, run.service_namespace)
    own = _asked(prometheus, f"{m.SCORE}{{{which}}}", phases)
    return _seen(odd, "for", run, phases), own


def grade(
    anomalies: Seen, own: Sequence[Series], phases: Phases, impact: bool | None
) -> DetectorGrade:
    """What the run says about the detector. Pure.

    `own` are the scores of the service that was aimed at; `impact`: whether its figures show it.
    """
    seen = sorted(each.first for each in anomalies.since if each.expected)
    if seen:
        delay = (seen[0] - phases.start).total_seconds()
        return DetectorGrade(
            grade="seen", delay_seconds=delay, reason=f"an anomaly of the service after {delay:g} s"
        )
    if already := sorted(each.first for each in anomalies.before if each.expected):
        return _ungraded(
            f"an incident of the service was open before the fault, since {already[0]:%H:%M:%S} at "
            "least: the fault is part of it"
        )
    span = phases.start.timestamp(), (phases.end + SETTLE).timestamp()
    scored = any(span[0] <= moment <= span[1] for each in own for moment, _ in each.points)
    if not scored:
        return _ungraded("the detector wrote no score for the service in that time")
    if impact is None:
        return _ungraded("the service's figures are not known, so nor is what there was to see")
    if not impact:
        return _ungraded("the fault did not show in the service's figures: nothing to see")
    elsewhere = sorted({_about(each) for each in anomalies.all})
    reason = "the fault shows in the service's figures, in no score of it"
    if elsewhere:
        reason += f"; an incident was open about {', '.join(elsewhere)}"
    return DetectorGrade(grade="missed", delay_seconds=None, reason=reason)


def concerns(labels: Mapping[str, str], run: Run) -> bool:
    """Whether labels speak of the service that was aimed at."""
    return any(labels.get(label) == run.service for label in _SERVICE_LABELS)


def _ungraded(reason: str) -> DetectorGrade:
    return DetectorGrade(grade="none", delay_seconds=None, reason=reason)


def _asked(prometheus: Prometheus, query: str, phases: Phases) -> list[Series]:
    return prometheus.query_range(query, phases.first, phases.end + SETTLE)


def _seen(found: Iterable[Series], name: str, run: Run, phases: Phases) -> Seen:
    since: list[Noticed] = []
    before: list[Noticed] = []
    start = phases.start.timestamp()
    for each in found:
        moments = [moment for moment, _ in each.points]
        already = any(start - 2 * STEP_SECONDS <= moment < start for moment in moments)
        if first := min((at for at in moments if already or at >= start), default=None):
            noticed = Noticed(
                name=each.labels.get(name, ""),
                labels=_identity(each.labels),
                severity=each.labels.get("severity", ""),
                first=datetime.fromtimestamp(first, UTC),
                expected=concerns(each.labels, run),
            )
            (before if already else since).append(noticed)
    return Seen(tuple(since), tuple(before))


def _about(noticed: Noticed) -> str:
    services = (noticed.labels.get(label) for label in _SERVICE_LABELS)
    return next((each for each in services if each), noticed.name)


def _identity(labels: Mapping[str, str]) -> dict[str, str]:
    left_out = {"__name__", "alertname", "alertstate", "severity", "for"}
    return {key: value for key, value in labels.items() if key not in left_out}
