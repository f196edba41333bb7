"""A run: what the CronJob does every few minutes.

Every signal is read, judged and remembered by itself, so that one that fails hides no other. Then
it is decided over all of them what is told. What is to be told is on the disk before anybody is
told, and what was judged counts only once that is so: a run that is killed, at whatever point, is
made good by the next. Scores are written last: a receiver that hangs keeps nobody from being told.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from anomaly.config.receivers import OUTPUTS, Results
from anomaly.config.signals import WatchedSignal
from anomaly.errors import AnomalyError, StateBusy, StateError
from anomaly.incidents.alert import grouped, rank
from anomaly.incidents.ledger import Ledger, Told
from anomaly.incidents.track import Flags, Judged
from anomaly.pipeline.fetch import Stopwatch
from anomaly.pipeline.judge import Chunk, Findings
from anomaly.prometheus.blocks import Source
from anomaly.prometheus.client import Prometheus
from anomaly.run.decide import Tale, tell
from anomaly.run.reconstruction import Recollection, recollect, told_before
from anomaly.run.report import REMOTE_WRITE, RunReport, SignalReport, begun, run_series
from anomaly.run.watch import SPARE_INTERVALS, Surroundings, Watched, watch
from anomaly.settings import Settings
from anomaly.sinks.alertmanager import Alertmanager
from anomaly.sinks.pagerduty import PagerDuty
from anomaly.sinks.remote_write import RemoteWrite, Written
from anomaly.sinks.series import result_series
from anomaly.sinks.sink import Context, Delivery, Sink, deliver
from anomaly.sinks.slack import Slack
from anomaly.state import Store, opened
from anomaly.state.outbox import Writer

READ_SHARE, WRITE_SHARE = 0.6, 0.2
"""Shares of the time between runs after which reading and writing end. Telling has the rest."""

FIRST_WORD_SECONDS = 5.0
"""What a receiver of series may delay telling by where they are all the memory there is."""

MOST_AHEAD_SECONDS = 30.0
"""What a clock may be ahead without looking into the future: a run stays behind it anyway."""

log = logging.getLogger("anomaly")


def sinks(results: Results, *, environment: str, interval_seconds: float) -> tuple[Sink, ...]:
    """All who are to be told; nothing is read or sent yet."""
    context = Context(environment, interval_seconds, results.dashboard_url, results.runbook_url)
    configured = (
        results.alertmanager and Alertmanager(results.alertmanager, context),
        results.pagerduty and PagerDuty(results.pagerduty, context),
        results.slack and Slack(results.slack, context),
    )
    return tuple(sink for sink in configured if sink)


def run_once(settings: Settings, *, now: float) -> RunReport:
    """A run with all that the settings name.

    Kubernetes may start a Job twice. The second run leaves the work to the first.

    Raises:
        StateError: the state's folder cannot be used.
        SettingsError: a secret or a certificate cannot be read.
    """
    results, interval = settings.results, settings.interval_minutes * 60.0
    prometheus = Prometheus(settings.prometheus, READ_SHARE * interval)
    ahead = prometheus.ahead_seconds()
    if ahead > MOST_AHEAD_SECONDS:
        log.warning("the clock is %.0f s ahead of Prometheus'; this run goes by the latter", ahead)
        now -= ahead
    try:
        with opened(settings.state.folder, settings.shard) as store:
            return run(
                settings,
                now=now,
                prometheus=prometheus,
                sinks=sinks(results, environment=settings.environment, interval_seconds=interval),
                writer=RemoteWrite(results.remote_write, WRITE_SHARE * interval)
                if results.remote_write
                else None,
                state=store,
            )
    except StateBusy as busy:
        return RunReport(settings.environment, settings.shard.name, now, warnings=(str(busy),))


def run(
    settings: Settings,
    *,
    now: float,
    prometheus: Source,
    sinks: Sequence[Sink] = (),
    writer: Writer | None = None,
    state: Store,
) -> RunReport:
    """Look at all signals up to a moment, tell whoever is to be told, and say what was done.

    Args:
        settings: what is watched, and how.
        now: epoch seconds.
        prometheus: where series are read.
        sinks: who is told.
        writer: where scores are written; nobody wants them if None.
        state: what earlier runs have left, and where this one leaves what the next one needs.
    """
    return _Run(settings, now, prometheus, sinks, writer, state).run()


@dataclass
class _Run:
    settings: Settings
    now: float
    source: Source
    sinks: Sequence[Sink]
    writer: Writer | None
    store: Store
    warnings: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    samples: int = 0

    def __post_init__(self) -> None:
        settings, step = self.settings, self.settings.step_seconds
        self._interval = settings.interval_minutes * 60.0
        self._newest = (self.now - settings.delay_seconds) // step * step
        """Epoch seconds of the newest tick."""
        self._labels = {"environment": settings.environment, "shard": settings.shard.name}
        """What tells this detector's own series from those of others."""

    def run(self) -> RunReport:
        ledger = self._ledger()
        recollection = self._recollection(ledger)
        watched = self._watch(ledger, recollection)
        tale = tell([one.findings for one in watched], ledger, self.settings, self._newest)
        told = ledger.told if ledger.remembers else self._told_before(tale, recollection)
        if not self._save(replace(tale.ledger, told=told)) or not self._is_heard(ledger):
            # The next run will know as little as this one does: who tells it all would do so again.
            told = self._told_before(tale, Recollection(self._newest - self._interval))
        self._kept(self.store.commit)
        with self.stopwatch.stage("tell"):
            alerts = sorted(tale.ledger.alerts.values(), key=rank)
            delivery = deliver(self.sinks, alerts, told, now=self.now)
        self.errors |= {name: str(error) for name, error in delivery.errors.items()}
        after = replace(tale.ledger, told=delivery.told)
        self._save(after)
        self._write()
        report = self._report(watched, tale, delivery)
        success = self.now if report.succeeded else ledger.last_success
        self._save(replace(after, last_success=success))
        heard = {*delivery.complete, *(() if REMOTE_WRITE in self.errors else (REMOTE_WRITE,))}
        if self.writer:
            told_up_to = recollection.after(heard, tale.judged)
            series = run_series(report, self._labels, last_success=success, told_up_to=told_up_to)
            with self.stopwatch.stage("write"):
                self._wrote(self.writer.send(series))
        return self._report(watched, tale, delivery)

    def _is_heard(self, ledger: Ledger) -> bool:
        """Whether the series that are this run's only memory can be written; a first one tells."""
        writer = self.writer
        needed = not ledger.remembers and self.settings.results.forgetful
        if not needed or not isinstance(writer, RemoteWrite):
            return True
        with self.stopwatch.stage("write"):
            written = writer.send(begun(self.now, self._labels), within_seconds=FIRST_WORD_SECONDS)
        self._wrote(written)
        return written.finished

    def _record(
        self, signal: WatchedSignal, chunk: Chunk, judged: Judged, there: Flags, after: float
    ) -> None:
        """Keep scores until everybody is told, where anybody wants them."""
        remote = self.settings.results.remote_write
        if self.writer:
            series = result_series(
                signal.name,
                self.settings.detector_of(signal).method,
                [dict(key) for key in chunk.keys],
                judged,
                after=after,
                there=there,
                outputs=remote.outputs if remote else OUTPUTS,
            )
            self.store.outbox.add(series, self._newest)

    def _write(self) -> None:
        """Write what waits of scores; that this fails costs nothing but scores."""
        if self.writer is None:
            return
        outbox = self.store.outbox
        with self.stopwatch.stage("write"):
            try:
                self._wrote(outbox.send(self.writer, now=self.now))
            except (AnomalyError, OSError) as error:
                self.errors[REMOTE_WRITE] = f"scores cannot be written: {error}"
        if outbox.error:
            self.errors.setdefault(REMOTE_WRITE, outbox.error)

    def _wrote(self, written: Written) -> None:
        self.samples += written.samples
        if written.error:
            self.errors.setdefault(REMOTE_WRITE, str(written.error))

    def _ledger(self) -> Ledger:
        try:
            ledger = self.store.load_ledger()
        except StateError as error:
            self.warnings.append(f"{error}; what was told before is guessed")
            return Ledger(remembers=False)
        return ledger.by(self._newest + SPARE_INTERVALS * self._interval)

    def _watch(self, ledger: Ledger, recollection: Recollection) -> list[Watched]:
        """Judge all signals, one after the other."""
        around = Surroundings(
            self.settings,
            self.source,
            self.store,
            self._record,
            self.stopwatch,
            self._newest,
            ledger,
            written=recollection.of(REMOTE_WRITE),
        )
        found = []
        for signal in self.settings.signals:
            watched = self._watched(signal, around)
            found.append(watched)
            report = watched.report
            self.warnings += [f"{signal.name}: {text}" for text in dict.fromkeys(watched.warnings)]
            if report.outcome == "empty":
                self.warnings.append(f"{signal.name}: the query has no series")
            if report.rebuilt:
                self.warnings.append(f"{signal.name}: judged from its history: {report.rebuilt}")
            if report.error:
                self.errors[signal.name] = report.error
            if watched.unsaved:
                self.errors["state"] = watched.unsaved
        return found

    def _watched(self, signal: WatchedSignal, around: Surroundings) -> Watched:
        """What came of a signal. Whatever its series bring, the others are judged all the same."""
        try:
            return watch(signal, around)
        except AnomalyError as error:
            said = str(error)
        except Exception as error:
            log.exception("judging %s went wrong", signal.name)
            said = f"it cannot be judged ({type(error).__name__})"
        findings = Findings(signal, around.fresh(signal.name), "failed")
        return Watched(findings, SignalReport(signal.name, "failed", error=said))

    def _recollection(self, ledger: Ledger) -> Recollection:
        """Up to which ticks sinks have been told, where the ledger does not know it."""
        usual = self._newest - self._interval
        if ledger.remembers or self.writer is None:
            return Recollection(usual)
        return recollect(self.source, self._labels, now=self.now, usual=usual)

    def _told_before(self, tale: Tale, recollection: Recollection) -> Told:
        lags = {signal: self._newest - until for signal, until in tale.judged.items()}
        return told_before(self.sinks, tale.beginnings, recollection, lags, now=self.now)

    def _save(self, ledger: Ledger) -> bool:
        return self._kept(lambda: self.store.save_ledger(replace(ledger, remembers=True)))

    def _kept(self, keep: Callable[[], None]) -> bool:
        """Put something on the disk; whether it is there."""
        with self.stopwatch.stage("remember"):
            try:
                keep()
            except StateError as error:
                self.errors["state"] = str(error)
                return False
        return True

    def _report(self, watched: Sequence[Watched], tale: Tale, delivery: Delivery) -> RunReport:
        alerts = sorted(tale.ledger.alerts.values(), key=rank)
        return RunReport(
            environment=self.settings.environment,
            shard=self.settings.shard.name,
            at=self.now,
            signals=tuple(one.report for one in watched),
            alerts=tuple(alerts),
            groups=grouped(alerts, self.settings.alerting.group_gap_seconds),
            held_back=tale.held_back,
            stage_seconds=self.stopwatch.seconds,
            messages=delivery.messages,
            samples_written=self.samples,
            warnings=tuple(self.warnings),
            errors=dict(self.errors),
        )
