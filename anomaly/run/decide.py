"""Which incidents of a run are told, as which alerts. Pure.

An incident is told from the moment on at which it is large, lasts, or is rarer than chance would
have it among all series of its tick. One that an earlier run has told goes on under its key,
though the history that is read now may have it begin a little earlier or later.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from anomaly.incidents.alert import Alert, runs
from anomaly.incidents.describe import Teller, advised
from anomaly.incidents.fdr import Memory, decide
from anomaly.incidents.ledger import Ledger, whose
from anomaly.incidents.track import NEVER, Incident
from anomaly.labels import identity, written
from anomaly.pipeline.judge import Episode, Findings
from anomaly.pipeline.presence import ENOUGH
from anomaly.prometheus.readings import FEW
from anomaly.settings import Settings

TOGETHER_STEPS = 12
"""Series that end within so many steps of one another may have ended for one reason."""

RESOLVED_INTERVALS = 3
"""What is over is reported for so many intervals: to those who have to hear it twice, and to those
who could not be told."""


@dataclass(frozen=True)
class Case:
    """An incident as an alert, and whether it is to be told."""

    alert: Alert
    incident: Incident

    fresh: float
    """Epoch seconds of the newest tick that an earlier run has judged."""

    adopted: bool = False
    """Whether an earlier run has told it."""

    excused: bool = False
    """Whether earlier runs saw that it was absent and had a reason not to tell it."""

    def due(self, rarest: Mapping[float, float]) -> float:
        """Epoch seconds from which on it is told; NEVER if not yet."""
        return self.incident.since if self.adopted else self.incident.due(rarest)

    def is_news(self, lately: float) -> bool:
        """Whether it goes on, or was not over long before this run."""
        until = self.alert.until
        if until is None or self.adopted:
            return True
        return until > min(self.fresh, lately) and not self.excused


Joint = Sequence[Episode]
"""What is told as one; the earliest first."""


@dataclass(frozen=True)
class Tale:
    """What there is to tell."""

    ledger: Ledger
    """With the alerts as they are now."""

    beginnings: Sequence[tuple[Alert, float]]
    """Alerts, and epoch seconds of the tick at which they were to be told."""

    held_back: int
    """Incidents that go on and are not told yet."""

    judged: Mapping[str, float]
    """Signal and the newest tick of it that this run knows of, epoch seconds."""


def tell(found: Sequence[Findings], ledger: Ledger, settings: Settings, newest: float) -> Tale:
    """What there is to tell of all signals; of pods that fail together the worst speaks."""
    cases: dict[str, list[Case]] = {}
    for one in found:
        for case in _cases(one, ledger, settings, newest):
            cases.setdefault(case.alert.key, []).append(case)
    incidents = [case.incident for several in cases.values() for case in several]
    rare_enough, memory = _rarest(incidents, found, ledger.memory, settings, newest)
    due = {key: min(case.due(rare_enough) for case in several) for key, several in cases.items()}
    lately = newest - RESOLVED_INTERVALS * settings.interval_minutes * 60
    alerts = []
    for key, several in cases.items():
        told = [case.alert for case in several if due[key] < NEVER and case.is_news(lately)]
        if told:
            alerts.append(min(told, key=lambda alert: (alert.state, -alert.score)))
    over = _over(found, ledger, {alert.key for alert in alerts}, settings, newest)
    after = ledger.seen([*alerts, *over], newest).since(lately)
    until = {one.signal.name: one.until for one in found if one.until is not None}
    after = replace(
        after,
        alerts={alert.key: alert for alert in advised(tuple(after.alerts.values()))},
        memory=memory,
        until={**ledger.until, **until},
        incomplete=_incomplete(found, ledger),
    )
    waiting = [case for key in cases if due[key] == NEVER for case in cases[key]]
    return Tale(
        after,
        [(after.alerts[each.key], due[each.key]) for each in alerts if each.key in after.alerts],
        sum(case.incident.until is None for case in waiting),
        until,
    )


def _cases(found: Findings, ledger: Ledger, settings: Settings, newest: float) -> Iterable[Case]:
    """The incidents of a signal, under the keys that they are known by."""
    name = found.signal.name
    teller = Teller(settings.environment, found.signal, settings.alerting, settings.step_seconds)
    step = settings.step_seconds
    drafts = [
        (_drafted(teller, each), each[0].incident)
        for each in _without_replaced(found, step, newest)
    ]
    named = {alert.key for alert, _ in drafts}
    lost = [alert for alert in ledger.open_of(name) if alert.key not in named]
    for alert, incident in drafts:
        same = None
        if alert.key not in ledger.alerts:
            same = _same(alert, lost, ledger.until.get(name, -NEVER))
        if same:
            lost.remove(same)
        told = replace(alert, key=same.key, since=same.since) if same else alert
        absent_before = alert.direction == "absent" and incident.since <= found.fresh
        yield Case(
            told,
            incident,
            found.fresh,
            adopted=told.key in ledger.alerts,
            excused=ledger.remembers and absent_before,
        )


def _same(alert: Alert, known: Iterable[Alert], until: float) -> Alert | None:
    """Which of the alerts that went on at a moment is this one, seen from another beginning."""
    end = NEVER if alert.until is None else alert.until
    return next(
        (
            other
            for other in known
            if whose(other) == whose(alert) and alert.since <= until and other.since < end
        ),
        None,
    )


def _rarest(
    incidents: Iterable[Incident],
    found: Iterable[Findings],
    memory: Memory | None,
    settings: Settings,
    newest: float,
) -> tuple[Mapping[float, float], Memory | None]:
    """For each undecided tick, how rare a new incident must be to be told at once."""
    control = settings.alerting.false_discovery
    judged: Counter[float] = Counter()
    for one in found:
        judged.update(one.tested)
    if control is None:
        return dict.fromkeys(judged, 1.0), memory
    candidates: dict[float, list[float]] = {}
    for incident in incidents:
        if incident.probability < NEVER:
            candidates.setdefault(incident.since, []).append(incident.probability)
    limits: dict[float, float] = {}
    before = memory or Memory(min(judged, default=newest) - settings.step_seconds, control.rate)
    for tick in sorted(judged):
        if memory is None or tick > memory.at:
            limit, before = decide(before, tick, candidates.get(tick, ()), judged[tick], control)
            limits[tick] = limit
    return limits, before


def _over(
    found: Sequence[Findings],
    ledger: Ledger,
    current: set[str],
    settings: Settings,
    newest: float,
) -> list[Alert]:
    """What went on before and is found no more, where all was looked at."""
    judged = {one.signal.name for one in found if one.complete}
    configured = {signal.name for signal in settings.signals}
    return [
        replace(
            alert,
            state="resolved",
            until=max(newest, alert.since),
            summary=f"{alert.summary}; it is not found any more",
        )
        for key, alert in ledger.alerts.items()
        if alert.state == "firing"
        and key not in current
        and (alert.signal in judged or alert.signal not in configured)
    ]


def _without_replaced(found: Findings, step: float, newest: float) -> list[Joint]:
    """Incidents, the earliest first; series that gave way to others are one at most.

    A series of a pod is not gone while another of the same service is there. And where many went
    as many others came, it is their labels that have changed.
    """
    here = {identity(dict(key)) for key in found.there}
    kept: list[Joint] = []
    gone: list[Episode] = []
    for each in found.episodes:
        if each.incident.peak.direction != "absent" or not each.key or each.incident.until:
            kept.append([each])
        elif identity(dict(each.key)) not in here:
            gone.append(each)
    for together in runs(gone, TOGETHER_STEPS * step, _since, _since):
        since = together[0].incident.since
        oldest = (newest - since) / step + ENOUGH
        came = sum(points <= oldest for points in found.there.values())
        if len(together) > FEW and 2 * came >= len(together):
            kept.append(together)
        else:
            kept += [[each] for each in together]
    return sorted(kept, key=lambda told: told[0].incident.since)


def _since(episode: Episode) -> float:
    return episode.incident.since


def _drafted(teller: Teller, told: Joint) -> Alert:
    """What is told, under its own name."""
    first = told[0]
    if len(told) == 1:
        return teller.alert(dict(first.key), first.incident)
    return replace(
        teller.alert({}, first.incident),
        severity="warning",
        summary=f"{len(told)} series of {teller.signal.name} are gone, {written(dict(first.key))} "
        "for example, and as many others came: have their labels changed?",
    )


def _incomplete(found: Sequence[Findings], ledger: Ledger) -> Mapping[str, float]:
    """Signals whose answers are not whole, and since when; as before where none came."""
    since = dict(ledger.incomplete)
    for one in found:
        name = one.signal.name
        if one.incomplete_since is not None:
            since[name] = one.incomplete_since
        elif one.progress == "judged":
            since.pop(name, None)
    return since
