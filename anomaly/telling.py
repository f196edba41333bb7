"""Which incidents of a run are told, as which alerts. Pure.

An incident is told from the moment on at which it is large, lasts, or is rarer than chance would
have it among all series of its tick. One that an earlier run has told goes on under its key,
though the history that is read now may have it begin a little earlier or later.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from anomaly.alerting.alert import Alert
from anomaly.alerting.explanation import Teller
from anomaly.alerting.fdr import Memory, decide
from anomaly.alerting.incidents import NEVER, Incident
from anomaly.alerting.recommendations import advised
from anomaly.alerting.settings import FalseDiscovery
from anomaly.ledger import Ledger, whose
from anomaly.settings import Settings
from anomaly.watch import Watched

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

    def due(self, limits: Mapping[float, float]) -> float:
        """Epoch seconds from which on it is told; NEVER if not yet."""
        if self.adopted:
            return self.incident.since
        incident = self.incident
        rare = incident.probability <= limits.get(incident.since, -1.0)
        return min(incident.prominent, incident.persistent, incident.since if rare else NEVER)


@dataclass(frozen=True)
class Beginning:
    """When an alert came to be one."""

    alert: Alert

    due: float
    """Epoch seconds of the tick at which it was to be told."""

    fresh: float
    """Epoch seconds of the newest tick that an earlier run has judged."""


@dataclass(frozen=True)
class Tale:
    """What there is to tell."""

    ledger: Ledger
    """With the alerts as they are now."""

    beginnings: tuple[Beginning, ...]
    """Since when the alerts are told."""

    held_back: int
    """Incidents that go on and are not told yet."""


def tell(watched: Sequence[Watched], ledger: Ledger, settings: Settings, newest: float) -> Tale:
    """What there is to tell of all signals.

    Args:
        watched: what came of the signals.
        ledger: what was known before.
        settings: of the run.
        newest: epoch seconds of the newest tick.
    """
    cases = [case for one in watched for case in _cases(one, ledger, settings)]
    limits, memory = _limits(cases, watched, ledger.memory, settings, newest)
    due = {case.alert.key: case.due(limits) for case in cases}
    told = [case for case in cases if due[case.alert.key] < NEVER]
    alerts = _one_each(told)
    over = _over(watched, ledger, {alert.key for alert in alerts}, settings, newest)
    lately = newest - RESOLVED_INTERVALS * settings.interval_minutes * 60
    after = ledger.seen([*alerts, *over]).since(lately)
    after = replace(
        after,
        alerts={alert.key: alert for alert in advised(tuple(after.alerts.values()))},
        memory=memory,
        until={**ledger.until, **_until(watched)},
    )
    beginnings = tuple(
        Beginning(after.alerts[case.alert.key], due[case.alert.key], case.fresh)
        for case in told
        if case.alert.key in after.alerts
    )
    waiting = [case for case in cases if due[case.alert.key] == NEVER]
    return Tale(after, beginnings, sum(case.incident.until is None for case in waiting))


def _cases(watched: Watched, ledger: Ledger, settings: Settings) -> Iterable[Case]:
    """The incidents of a signal, under the keys that they are known by."""
    teller = Teller(settings.environment, watched.signal, settings.alerting, settings.step_seconds)
    open_before = dict(ledger.open_of(watched.signal.name))
    for episode in sorted(watched.episodes, key=lambda episode: episode.incident.since):
        alert = teller.alert(dict(episode.key), episode.incident)
        known = open_before.get(whose(alert))
        over = episode.incident.until
        adopted = known is not None and (over is None or over > known.since)
        if known and adopted:
            del open_before[whose(alert)]
            alert = replace(alert, key=known.key, since=known.since)
        yield Case(alert, episode.incident, watched.fresh, adopted or alert.key in ledger.alerts)


def _limits(
    cases: Sequence[Case],
    watched: Sequence[Watched],
    memory: Memory | None,
    settings: Settings,
    newest: float,
) -> tuple[Mapping[float, float], Memory | None]:
    """For each undecided tick, how rare a new incident must be to be told at once."""
    control: FalseDiscovery | None = settings.alerting.false_discovery
    tested: Counter[float] = Counter()
    for one in watched:
        tested.update(one.tested)
    if control is None:
        return dict.fromkeys(tested, 1.0), memory
    ticks = sorted(tick for tick in tested if memory is None or tick > memory.at)
    if memory is None:
        memory = Memory((ticks[0] if ticks else newest) - settings.step_seconds, control.rate)
    candidates: dict[float, list[float]] = {}
    for case in cases:
        if case.incident.probability < NEVER:
            candidates.setdefault(case.incident.since, []).append(case.incident.probability)
    limits = {}
    for tick in ticks:
        limits[tick], memory = decide(
            memory,
            tick,
            candidates.get(tick, ()),
            tested[tick],
            rate=control.rate,
            half_life_seconds=control.half_life_seconds,
        )
    return limits, memory


def _one_each(cases: Iterable[Case]) -> list[Alert]:
    """One alert for each key: of pods that fail together, the worst speaks for all."""
    worst: dict[str, Alert] = {}
    for case in cases:
        alert, known = case.alert, worst.get(case.alert.key)
        if known is None or (alert.state, -alert.score) < (known.state, -known.score):
            worst[alert.key] = alert
    return list(worst.values())


def _over(
    watched: Sequence[Watched],
    ledger: Ledger,
    current: set[str],
    settings: Settings,
    newest: float,
) -> list[Alert]:
    """What went on before and is found no more, where all was looked at."""
    judged = {one.signal.name for one in watched if one.complete}
    configured = {signal.name for signal in settings.signals}
    return [
        replace(
            alert,
            state="resolved",
            until=newest,
            summary=f"{alert.summary}; it is not found any more",
        )
        for key, alert in ledger.alerts.items()
        if alert.state == "firing"
        and key not in current
        and (alert.signal in judged or alert.signal not in configured)
    ]


def _until(watched: Sequence[Watched]) -> Mapping[str, float]:
    return {one.signal.name: one.report.until for one in watched if one.report.until is not None}
