"""What commands that replay have in common: which past, what finds an incident, all of it judged.

The past is that of files, or that of signals in Prometheus.
"""

import argparse
import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from anomaly.cli.arguments import (
    Options,
    add_config,
    add_output,
    duration,
    fraction,
    moment,
    picture,
)
from anomaly.config.signals import UNNAMED, WatchedSignal
from anomaly.errors import FOUND, OK, DataError, UsageError
from anomaly.offline.assess import (
    FIGURES,
    Assessment,
    Verdict,
    assess,
    fault_fields,
    series_fields,
    verdicts,
)
from anomaly.offline.faults import FaultGrade, FaultWindow, read_faults
from anomaly.offline.files import read
from anomaly.offline.grade import Matching, step_seconds
from anomaly.offline.past import FilesPast, Past, SignalHistory, SignalsPast
from anomaly.offline.plot import Timeline, draw
from anomaly.pipeline.fetch import history, history_start
from anomaly.prometheus.blocks import Companions
from anomaly.prometheus.client import Prometheus
from anomaly.settings import Settings, load
from anomaly.texts import document, utc

DEFAULT_LAST = 14 * 24 * 3600.0
"""History that is replayed unless somebody says otherwise: every weekday twice."""

BEFORE_FAULTS_SECONDS = 24 * 3600.0
"""What is graded begins so long before the first fault: false alarms need time without faults."""

AFTER_FAULTS_SECONDS = 3600.0
"""And ends so long after the last."""

log = logging.getLogger("anomaly")


def add_history(parser: argparse.ArgumentParser) -> None:
    """Where history comes from: files, or Prometheus."""
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="series, .csv or .npz")
    add_config(parser)
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--signal", action="append", metavar="NAME", help="a configured signal (default: all)"
    )
    which.add_argument("--query", metavar="PROMQL", help="PromQL instead of a configured signal")
    span = parser.add_argument_group("span of time (Prometheus only)")
    span.add_argument(
        "--last", type=duration, metavar="SPAN", help="so much until now (default: 14d)"
    )
    span.add_argument("--from", dest="start", type=moment, metavar="TIME", help="RFC 3339")
    span.add_argument("--to", dest="end", type=moment, metavar="TIME", help="RFC 3339")
    files = parser.add_argument_group("files only")
    for flag, default, text in (
        ("--skip", 0.0, "beginning of each series that only teaches the detector (default: none)"),
        ("--step", 60.0, "time between points of series without times (default: 1m)"),
    ):
        files.add_argument(flag, type=duration, default=default, metavar="SPAN", help=text)


@contextmanager
def past(
    options: Options, settings: Settings, faults: Sequence[FaultWindow] = ()
) -> Iterator[Past]:
    """The past that the arguments name, for as long as it is needed.

    Raises:
        AnomalyError: it cannot be read, or there is none.
    """
    refuse_both(options)
    if options.files:
        yield _of_files(options.files, options, settings)
        return
    watched = signals(options, settings)
    start, end = _span(options, settings, faults)
    with ExitStack() as stack:
        histories = _read(watched, settings, start, end, stack)
        yield SignalsPast(histories, settings, since=start)


def _of_files(files: Sequence[Path], options: Options, settings: Settings) -> FilesPast:
    recorded = read(files, step_seconds=options.step)
    return FilesPast(recorded, settings.detector, options.skip)


def signals(options: Options, settings: Settings) -> Sequence[WatchedSignal]:
    """The signals that the arguments name; all that are configured where they name none.

    Raises:
        UsageError: one of them is not configured, or none is.
    """
    if options.query:
        return (WatchedSignal(name=UNNAMED, query=options.query),)
    known = {signal.name: signal for signal in settings.signals}
    names = options.signal or known
    unknown = [name for name in names if name not in known]
    if unknown or not known:
        listed = ", ".join(known) or "none: name a configuration with --config, or use --query"
        raise UsageError(f"no signal {', '.join(unknown) or 'is configured'}; there are {listed}")
    return [known[name] for name in names]


def _read(
    watched: Sequence[WatchedSignal],
    settings: Settings,
    start: float,
    end: float,
    stack: ExitStack,
) -> Sequence[SignalHistory]:
    """Read signals with the history that teaches the detector; those without series are left out.

    Raises:
        ServerError: one of them cannot be read.
        DataError: none has any series.
    """
    prometheus = Prometheus(settings.prometheus)
    companions = Companions(prometheus)
    histories = []
    for signal in watched:
        span = (history_start(settings, start), end)
        readings, warnings = history(
            signal, settings, prometheus, companions, span, first_run=start
        )
        stack.enter_context(readings)
        log.info("read %d series of %s", sum(map(len, readings.chunks)), signal.name)
        for warning in warnings:
            log.warning("%s: %s", signal.name, warning)
        if readings.chunks:
            histories.append(SignalHistory(signal, readings))
    if not histories:
        raise DataError("the queries have no series in that time")
    return histories


def _span(
    options: Options, settings: Settings, faults: Sequence[FaultWindow]
) -> tuple[float, float]:
    """Epoch seconds of the first and the last step that count; multiples of the step.

    Raises:
        UsageError: the span is empty.
    """
    newest = time.time() - settings.delay_seconds
    first, last = newest - DEFAULT_LAST, newest
    if faults:
        first = min(fault.span[0] for fault in faults) - BEFORE_FAULTS_SECONDS
        last = max(fault.span[1] for fault in faults) + AFTER_FAULTS_SECONDS
    end = min(options.end or last, newest)
    start = options.start or (end - options.last if options.last else min(first, end))
    step = settings.step_seconds
    if start // step >= end // step:
        raise UsageError("the span of time is empty; --from must lie before --to and before now")
    return start // step * step, end // step * step


def refuse_both(options: Options) -> None:
    """Files and Prometheus at once are neither.

    Raises:
        UsageError: both were given.
    """
    flags = {"signal": "signal", "query": "query", "last": "last", "start": "from", "end": "to"}
    asked = [f"--{flag}" for name, flag in flags.items() if getattr(options, name) is not None]
    if options.files and asked:
        raise UsageError(f"{', '.join(asked)} would ask Prometheus; give no files, or none of it")


MOST_DRAWN = 6
"""Series in one picture."""

PROGRESS_SECONDS = 5.0
"""Who waits is told so often how far it is."""


def add_plot(parser: argparse.ArgumentParser) -> None:
    """`--plot`."""
    parser.add_argument(
        "--plot", type=picture, metavar="FILE", help="draw series, band and alerts; .svg or .png"
    )


def add_grading(parser: argparse.ArgumentParser) -> None:
    """What is graded, when an alert counts as having found an incident, what must be reached."""
    add_history(parser)
    parser.add_argument(
        "--faults", type=Path, metavar="FILE", help="faults that were made, JSON; before labels"
    )
    group = parser.add_argument_group("when an alert finds an incident")
    for flag, text in {
        "--gap": "alerts of a series closer than this are one (default: five and a half steps of "
        "the series)",
        "--tolerance": "it may begin so long after the incident is over (default: 3 steps)",
        "--early": "it may begin so long before the incident (default: 3 steps; with --faults 0)",
    }.items():
        group.add_argument(flag, type=duration, metavar="SPAN", help=text)
    group = parser.add_argument_group("requirements (exit code 3 when one is not met)")
    for name, figure in FIGURES.items():
        read = duration if name == "max-delay" else fraction
        kind = "SPAN" if name == "max-delay" else "NUMBER"
        group.add_argument(f"--{name}", type=read, metavar=kind, help=figure.meaning)
    add_plot(parser)
    add_output(parser, "table")


def matching(options: Options, step_seconds: float) -> Matching:
    """What the arguments say, or what is fair for that resolution."""
    usual = Matching.of_step(step_seconds)
    if options.faults:
        usual = replace(usual, early_seconds=0.0)  # when they began is known to the second
    given = {
        "gap_seconds": options.gap,
        "tolerance_seconds": options.tolerance,
        "early_seconds": options.early,
    }
    return replace(usual, **{name: span for name, span in given.items() if span is not None})


@dataclass(frozen=True)
class Replays:
    """What came of a past."""

    past: Past
    assessments: Sequence[Assessment]
    """One for each threshold, from the lowest to the highest."""

    faults: Sequence[FaultWindow]
    """What was made on purpose, if anything."""

    limits: Mapping[str, float]
    """What must be reached at the configured threshold; keys are those of `FIGURES`."""

    @property
    def configured(self) -> Assessment:
        """What came of the configured threshold."""
        own = self.past.threshold
        return next(each for each in self.assessments if each.threshold == own)

    @property
    def verdicts(self) -> Sequence[Verdict]:
        """What became of what must be reached."""
        return verdicts(self.configured.grade or self.configured.alerts, self.limits)

    def document(self, kind: str, **more: Any) -> str:
        """What programs read."""
        configured = self.configured
        return document(
            kind,
            start=utc(self.past.span[0]),
            end=utc(self.past.span[1]),
            **more,
            series=series_fields(configured),
            faults=fault_fields(configured.faults) if configured.faults else None,
            requirements=self.verdicts,
        )

    def draw(self, path: Path) -> None:
        """Draw the series with the most alerts."""
        series, places = self.configured.series, range(len(self.past.names))
        restless = sorted(places, key=lambda place: -series[place][1].alerts)
        drawn = [self._timeline(place) for place in restless[:MOST_DRAWN]]
        draw(path, drawn, self.past.span[0])

    def _timeline(self, place: int) -> Timeline:
        labels = self.past.names[place].labels
        hit = [fault for fault in self.faults if fault.hits(labels)]
        return Timeline.of(self.past.verdicts(place), self.past.incidents(place), hit)


def graded(
    options: Options, say: Callable[[Replays], str], thresholds: Sequence[float] = ()
) -> int:
    """Replay a past at the configured threshold and at some others, print, draw; the exit code."""
    settings = load(options.config, os.environ)
    faults = read_faults(options.faults) if options.faults else ()
    with past(options, settings, faults) as replayed:
        limits = {name: getattr(options, name.replace("-", "_")) for name in FIGURES}
        replays = Replays(
            replayed,
            _assessments(replayed, options, faults, thresholds),
            faults,
            {name: limit for name, limit in limits.items() if limit is not None},
        )
        print(say(replays))  # noqa: T201
        if options.plot:
            replays.draw(options.plot)
    return OK if all(verdict.met for verdict in replays.verdicts) else FOUND


def _assessments(
    replayed: Past, options: Options, faults: Sequence[FaultWindow], thresholds: Sequence[float]
) -> Sequence[Assessment]:
    assessments, told = [], time.monotonic()
    tried = sorted({replayed.threshold, *thresholds})
    for place, threshold in enumerate(tried):
        if time.monotonic() - told >= PROGRESS_SECONDS:
            told = time.monotonic()
            log.info("replayed at %d of %d thresholds", place, len(tried))
        alerted = replayed.alerted(None if threshold == replayed.threshold else threshold)
        fair = ((each, matching(options, step_seconds(each.timestamps))) for each in alerted)
        assessments.append(assess(threshold, fair, faults))
    _warn_of_unseen(assessments[0].faults)
    return assessments


def _warn_of_unseen(faults: FaultGrade | None) -> None:
    """Name the faults that nobody could have seen; their labels may be mistaken."""
    names = [each.fault.name for each in faults.sightings if not each.series] if faults else []
    if names:
        log.warning(
            "no series with values was hit by %s; compare the faults' labels with the series'",
            ", ".join(names),
        )
