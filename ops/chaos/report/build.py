"""Putting the report of a run together; what cannot be asked is said in it."""

from datetime import UTC, datetime, timedelta

from ops.chaos.report.document import ChaosReport, Objectives, Run
from ops.chaos.report.figures import (
    Figures,
    Phases,
    had_impact,
    indicators,
    read_figures,
    read_objectives,
    recovery,
)
from ops.chaos.report.noticed import Seen, grade, read_alerts, read_anomalies
from ops.chaos.report.verdict import Evidence, judge, score
from ops.errors import SourceError
from ops.prometheus import Prometheus, Series

RECOVER_WITHIN = timedelta(minutes=5)
NOTHING = Figures((), (), ())


def report_on(
    run: Run,
    prometheus: Prometheus | None,
    *,
    objectives: Objectives | None = None,
    recover_within: timedelta = RECOVER_WITHIN,
    now: datetime | None = None,
) -> tuple[ChaosReport, Figures]:
    """Report on a run.

    Objectives are asked of Prometheus when they are not given.
    """
    now = now or datetime.now(UTC)
    unknown: list[str] = []
    figures, known = NOTHING, objectives or Objectives(source="nobody")
    alerts, odd = Seen(), Seen()
    own: list[Series] = []
    phases = Phases(run.start or now, run.end or now)
    if prometheus is None:
        unknown.append("figures, alerts, anomalies: no Prometheus was given")
    elif not run.service:
        unknown.append("figures, alerts, anomalies: the experiment does not say its service")
    else:
        try:
            figures = read_figures(prometheus, run, phases)
            known = objectives or read_objectives(prometheus, run)
            alerts = read_alerts(prometheus, run, phases)
            odd, own = read_anomalies(prometheus, run, phases)
        except SourceError as error:
            unknown.append(str(error))
    if run.end and now < phases.last:
        unknown.append("what came after the fault: it is over for less than twelve minutes")
    told = tuple(indicators(figures, phases, known))
    recovered = recovery(figures, phases, known)
    graded = grade(odd, own, phases, had_impact(told))
    evidence = Evidence(run, told, recovered, alerts, known, graded, recover_within)
    report = ChaosReport(
        at=now,
        run=run,
        objectives=known,
        indicators=told,
        recovery=recovered,
        alerts=tuple(sorted(alerts.since, key=lambda each: each.first)),
        anomalies=tuple(sorted(odd.since, key=lambda each: each.first)),
        detector=graded,
        verdict=judge(evidence),
        score=score(evidence),
        unknown=tuple(unknown),
    )
    return report, figures
