"""A run: what the CronJob does every few minutes.

Every signal is read, judged and remembered by itself, so that one that fails hides no other. Then
it is decided over all of them what is told. What is to be told is on the disk before anybody is
told, and what was judged counts only once that is so: a run that is killed, at whatever point, is
made good by the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from anomaly.alerting.grouping import grouped, rank
from anomaly.alerting.incidents import NEVER
from anomaly.blocks import Companions, Source
from anomaly.errors import StateBusy, StateError
from anomaly.ledger import Ledger
from anomaly.reading.prometheus import Prometheus
from anomaly.reconstruction import last_success, told_before
from anomaly.recording import Recorder, Writer
from anomaly.results.delivery import Delivery, deliver, sinks
from anomaly.results.remote_write import RemoteWrite
from anomaly.results.selfmonitoring import run_series
from anomaly.results.sink import Sink
from anomaly.results.told import Told
from anomaly.run_figures import figures
from anomaly.run_report import RunReport
from anomaly.settings import Settings
from anomaly.state import Store, opened
from anomaly.stopwatch import Stopwatch
from anomaly.surroundings import Surroundings
from anomaly.telling import Tale, tell
from anomaly.watch import Watched, watch


def run_once(settings: Settings, *, now: float) -> RunReport:
    """A run with all that the settings name.

    Kubernetes may start a Job twice. The second run leaves the work to the first.

    Raises:
        StateError: the state's folder cannot be used.
        SettingsError: a secret or a certificate cannot be read.
    """
    results = settings.results
    try:
        with opened(settings.state.folder, settings.shard) as store:
            return run(
                settings,
                now=now,
                prometheus=Prometheus(settings.prometheus),
                sinks=sinks(
                    results,
                    environment=settings.environment,
                    interval_seconds=settings.interval_minutes * 60,
                ),
                writer=RemoteWrite(results.remote_write) if results.remote_write else None,
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

    def run(self) -> RunReport:
        ledger = self._ledger()
        recorder = Recorder(self.writer, self.settings)
        watched = self._watch(ledger, recorder)
        tale = tell(watched, ledger, self.settings, self._newest)
        told = ledger.told if ledger.remembers else self._told_before(tale)
        if not self._save(replace(tale.ledger, told=told)):
            # The next run will know as little as this one does: who tells it all would do so again.
            told = self._told_before(tale, since=self._newest - self._interval)
        self._commit()
        with self.stopwatch.stage("tell"):
            alerts = sorted(tale.ledger.alerts.values(), key=rank)
            delivery = deliver(self.sinks, alerts, told, now=self.now)
        self.errors |= {name: str(error) for name, error in delivery.errors.items()}
        report = self._report(watched, tale, delivery, recorder)
        success = self.now if report.succeeded else ledger.last_success
        self._save(replace(tale.ledger, told=delivery.told, last_success=success))
        with self.stopwatch.stage("write"):
            recorder.write(run_series(figures(report, success), self._labels))
        return self._report(watched, tale, delivery, recorder)

    @property
    def _newest(self) -> float:
        """Epoch seconds of the newest tick."""
        return self._tick(self.now)

    def _tick(self, now: float) -> float:
        """The newest tick of a run at a moment."""
        step = self.settings.step_seconds
        return (now - self.settings.delay_seconds) // step * step

    @property
    def _interval(self) -> float:
        return self.settings.interval_minutes * 60.0

    @property
    def _labels(self) -> Mapping[str, str]:
        """What tells this detector's own series from those of others."""
        return {"environment": self.settings.environment, "shard": self.settings.shard.name}

    def _ledger(self) -> Ledger:
        try:
            return self.store.load_ledger()
        except StateError as error:
            self.warnings.append(f"{error}; what was told before is guessed")
            return Ledger(remembers=False)

    def _watch(self, ledger: Ledger, recorder: Recorder) -> list[Watched]:
        """Judge all signals, one after the other."""
        around = Surroundings(
            settings=self.settings,
            source=self.source,
            companions=Companions(self.source),
            store=self.store,
            record=recorder.record,
            stopwatch=self.stopwatch,
            newest=self._newest,
            until=ledger.until,
            last_run=self._last_run(ledger),
        )
        found = []
        for signal in self.settings.signals:
            watched = watch(signal, around)
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

    def _last_run(self, ledger: Ledger) -> float:
        """The newest tick of the last run, for signals of which the ledger does not know it."""
        usual = self._newest - self._interval
        if ledger.remembers or self.writer is None:
            return usual
        success = last_success(self.source, self._labels, now=self.now)
        return usual if success is None else self._tick(success)

    def _told_before(self, tale: Tale, since: float = -NEVER) -> Told:
        return told_before(self.sinks, tale.beginnings, since=since, now=self.now)

    def _save(self, ledger: Ledger) -> bool:
        with self.stopwatch.stage("remember"):
            try:
                self.store.save_ledger(replace(ledger, remembers=True))
            except StateError as error:
                self.errors["state"] = str(error)
                return False
        return True

    def _commit(self) -> None:
        with self.stopwatch.stage("remember"):
            try:
                self.store.commit()
            except StateError as error:
                self.errors["state"] = str(error)

    def _report(
        self, watched: Sequence[Watched], tale: Tale, delivery: Delivery, recorder: Recorder
    ) -> RunReport:
        alerts = sorted(tale.ledger.alerts.values(), key=rank)
        errors = {**self.errors, **({"remote_write": recorder.error} if recorder.error else {})}
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
            samples_written=recorder.samples,
            warnings=tuple(self.warnings),
            errors=errors,
        )
