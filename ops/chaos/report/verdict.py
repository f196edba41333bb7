"""Whether the hypothesis held: `held`, `refuted`, or `none` where the run cannot tell. Pure.

A hypothesis is a sentence for people. What can be held against it is what the service promises:
its objectives, in the time of the fault; that it recovers by itself; that nobody had to be called,
and that nothing else was hit.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ops.chaos.report.document import (
    DetectorGrade,
    Indicator,
    Noticed,
    Objectives,
    Recovery,
    Run,
    Verdict,
)
from ops.chaos.report.figures import LEAST_REQUESTS
from ops.chaos.report.noticed import Seen
from vocabulary.timing.duration import format_duration


@dataclass(frozen=True)
class Evidence:
    """What a run is judged by."""

    run: Run
    indicators: Sequence[Indicator]
    recovery: Recovery
    alerts: Seen
    objectives: Objectives
    detector: DetectorGrade
    recover_within: timedelta

    @property
    def unexpected(self) -> list[Noticed]:
        """Critical alerts that the fault set off, and was not to."""
        expected = self.run.expected_alert
        return [e for e in self.alerts.since if e.severity == "critical" and e.name != expected]

    @property
    def is_late(self) -> bool:
        """Whether the service did not recover, or not in time."""
        seconds = self.recovery.seconds
        return seconds is None or seconds > self.recover_within.total_seconds()

    @property
    def is_untold(self) -> bool:
        """Whether the expected alert fired before the fault and not anew: nobody knows why."""
        expected = self.run.expected_alert
        return _fires(expected, self.alerts.before) and not _fires(expected, self.alerts.since)


def judge(given: Evidence) -> Verdict:
    """Judge a run."""
    if against := tuple(_refutations(given)):
        return Verdict(result="refuted", reasons=against)
    if doubts := tuple(_doubts(given)):
        return Verdict(result="none", reasons=doubts)
    return Verdict(result="held", reasons=tuple(_support(given)))


def score(given: Evidence) -> float | None:
    """Share of what was expected of a run and came true, of 100; None when it can tell nothing."""
    run = given.run
    if run.start is None or run.end is None or not run.confirmed:
        return None
    told = [each.within for each in given.indicators if each.within is not None]
    if not told:
        return None
    told += [not run.aborted, not given.unexpected, not given.is_late]
    if run.expected_alert and not given.is_untold:
        told.append(_fires(run.expected_alert, given.alerts.since))
    if given.detector.grade != "none":
        told.append(given.detector.grade == "seen")
    return round(100 * sum(told) / len(told), 1)


def _refutations(given: Evidence) -> Iterator[str]:
    run, recovery = given.run, given.recovery
    if run.aborted.startswith("a health check"):
        yield f"{run.aborted} stopped it"
    for each in given.indicators:
        if each.within is False:
            during, objective = _figure(each, each.during), _figure(each, each.objective)
            yield f"{each.name} was {during} during the fault, more than {objective}"
    for alert in given.unexpected:
        whose = "" if alert.expected else ", about something else than the service"
        yield f"the critical alert {alert.name} fired{whose}"
    if run.expected_alert and run.end and not _fires(run.expected_alert, given.alerts.all):
        yield f"the alert {run.expected_alert} was expected and did not fire"
    judged = any(each.within is not None for each in given.indicators)
    if judged and run.end and given.is_late:
        limit = format_duration(given.recover_within)
        yield (
            f"it did not recover in the time that was looked at ({recovery.basis})"
            if recovery.seconds is None
            else f"it recovered after {recovery.seconds:g} s, later than {limit}"
        )


def _doubts(given: Evidence) -> Iterator[str]:
    run, objectives = given.run, given.objectives
    if run.start is None:
        yield "nothing was hit, so nothing was tried"
    elif not run.confirmed:
        yield (
            "whether anything was hit cannot be told any more: the events of the experiment are "
            "gone; report within the hour"
        )
    elif run.end is None:
        yield "a fault is still in the system; ask again when it is over"
    if run.aborted:
        yield f"it was stopped before its time ({run.aborted})"
    if run.expected_alert and given.is_untold:
        yield f"the alert {run.expected_alert}, which is expected, fired before the fault already"
    requests = next((e.during for e in given.indicators if e.name == "requests"), None)
    if requests is None:
        yield "the service's figures are not known"
    elif requests < LEAST_REQUESTS:
        yield f"only {requests:.2g} requests a second came, too few to tell"
    if objectives.error_share is None and objectives.p95_milliseconds is None:
        yield (
            "nobody says what the service promises: the recording rules have no objective of it; "
            "give --max-errors or --max-p95"
        )


def _support(given: Evidence) -> Iterator[str]:
    for each in given.indicators:
        if each.within:
            during, objective = _figure(each, each.during), _figure(each, each.objective)
            yield f"{each.name} was {during} during the fault, within {objective}"
    if given.recovery.seconds is not None:
        yield f"recovered after {given.recovery.seconds:g} s ({given.recovery.basis})"


def _fires(name: str, alerts: Iterable[Noticed]) -> bool:
    return any(each.name == name for each in alerts)


def _figure(indicator: Indicator, value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:.2%}" if indicator.unit == "share" else f"{value:.4g} {indicator.unit}"
