"""Whether the hypothesis held: `held`, `refuted`, or `none` where the run cannot tell. Pure.

A hypothesis is a sentence for people. What can be held against it is what the service promises:
its objectives, in the time of the fault; that it recovers by itself; that nobody had to be called,
and that nothing else was hit.
"""

from collections.abc import Iterable, Iterator, Sequence
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


def judge(
    run: Run,
    indicators: Sequence[Indicator],
    recovery: Recovery,
    alerts: Seen,
    objectives: Objectives,
    *,
    recover_within: timedelta,
) -> Verdict:
    """Judge a run."""
    against = [*_refutations(run, indicators, recovery, alerts, recover_within)]
    if against:
        return Verdict(result="refuted", reasons=tuple(against))
    doubts = [*_doubts(run, indicators, alerts, objectives)]
    if doubts:
        return Verdict(result="none", reasons=tuple(doubts))
    return Verdict(result="held", reasons=tuple(_support(indicators, recovery)))


def score(
    run: Run,
    indicators: Sequence[Indicator],
    recovery: Recovery,
    alerts: Seen,
    detector: DetectorGrade,
    *,
    recover_within: timedelta,
) -> float | None:
    """Share of what was expected of a run and came true, of 100; None when it can tell nothing."""
    if run.start is None or run.end is None or not run.confirmed:
        return None
    told = [each.within for each in indicators if each.within is not None]
    if not told:
        return None
    critical = any(a.severity == "critical" and a.name != run.expected_alert for a in alerts.since)
    limit = recover_within.total_seconds()
    told += [not run.aborted, not critical]
    told.append(recovery.seconds is not None and recovery.seconds <= limit)
    if run.expected_alert and not _fired_already(run.expected_alert, alerts):
        told.append(_fires(run.expected_alert, alerts.since))
    if detector.grade != "none":
        told.append(detector.grade == "seen")
    return round(100 * sum(told) / len(told), 1)


def _refutations(
    run: Run,
    indicators: Sequence[Indicator],
    recovery: Recovery,
    alerts: Seen,
    recover_within: timedelta,
) -> Iterator[str]:
    if run.aborted.startswith("a health check"):
        yield f"{run.aborted} stopped it"
    for each in indicators:
        if each.within is False:
            during, objective = _figure(each, each.during), _figure(each, each.objective)
            yield f"{each.name} was {during} during the fault, more than {objective}"
    for alert in alerts.since:
        if alert.severity == "critical" and alert.name != run.expected_alert:
            whose = "" if alert.expected else ", about something else than the service"
            yield f"the critical alert {alert.name} fired{whose}"
    if run.expected_alert and run.end and not _fires(run.expected_alert, alerts.all):
        yield f"the alert {run.expected_alert} was expected and did not fire"
    judged = any(each.within is not None for each in indicators)
    if not judged or run.end is None:
        return
    if recovery.seconds is None:
        yield f"it did not recover in the time that was looked at ({recovery.basis})"
    elif recovery.seconds > recover_within.total_seconds():
        yield (
            f"it recovered after {recovery.seconds:g} s, later than "
            f"{format_duration(recover_within)}"
        )


def _doubts(
    run: Run, indicators: Sequence[Indicator], alerts: Seen, objectives: Objectives
) -> Iterator[str]:
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
    if run.expected_alert and _fired_already(run.expected_alert, alerts):
        yield f"the alert {run.expected_alert}, which is expected, fired before the fault already"
    told = {each.name: each for each in indicators}
    requests = told["requests"].during if "requests" in told else None
    if requests is None:
        yield "the service's figures are not known"
    elif requests < LEAST_REQUESTS:
        yield f"only {requests:.2g} requests a second came, too few to tell"
    if objectives.error_share is None and objectives.p95_milliseconds is None:
        yield (
            "nobody says what the service promises: the recording rules have no objective of it; "
            "give --max-errors or --max-p95"
        )


def _support(indicators: Sequence[Indicator], recovery: Recovery) -> Iterator[str]:
    for each in indicators:
        if each.within:
            during, objective = _figure(each, each.during), _figure(each, each.objective)
            yield f"{each.name} was {during} during the fault, within {objective}"
    if recovery.seconds is not None:
        yield f"recovered after {recovery.seconds:g} s ({recovery.basis})"


def _fired_already(name: str, alerts: Seen) -> bool:
    """Whether it fired before the fault, and not anew since: then nobody knows what it is about."""
    return _fires(name, alerts.before) and not _fires(name, alerts.since)


def _fires(name: str, alerts: Iterable[Noticed]) -> bool:
    return any(each.name == name for each in alerts)


def _figure(indicator: Indicator, value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{value:.2%}" if indicator.unit == "share" else f"{value:.4g} {indicator.unit}"
