"""Which past a command replays: that of files, or that of signals in Prometheus."""

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from anomaly.blocks import Blocks, Companions
from anomaly.commands.arguments import DEFAULT_LAST, Options, refuse_both
from anomaly.errors import DataError, UsageError
from anomaly.grading.windows import FaultWindow
from anomaly.loading.files import read
from anomaly.reading.prometheus import Prometheus
from anomaly.replaying.files import FilesPast
from anomaly.replaying.history import of_recorded
from anomaly.replaying.past import Past
from anomaly.replaying.signals import SignalHistory, SignalsPast
from anomaly.settings import Settings
from anomaly.signals import WatchedSignal

BEFORE_FAULTS_SECONDS = 24 * 3600.0
"""What is graded begins so long before the first fault: false alarms need time without faults."""

AFTER_FAULTS_SECONDS = 3600.0
"""And ends so long after the last."""

UNNAMED = "metric"
"""Name of the signal that a query is which nobody has configured."""

log = logging.getLogger("anomaly")


def past(options: Options, settings: Settings, faults: Sequence[FaultWindow] = ()) -> Past:
    """The past that the arguments name.

    Raises:
        AnomalyError: it cannot be read, or there is none.
    """
    refuse_both(options)
    if options.files:
        return _of_files(options.files, options, settings)
    return _of_signals(signals(options, settings), options, settings, faults)


def _of_files(files: Sequence[Path], options: Options, settings: Settings) -> FilesPast:
    recorded = read(files, step_seconds=options.step)
    return FilesPast(list(of_recorded(recorded, skip_seconds=options.skip)), settings.detector)


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


def _of_signals(
    watched: Sequence[WatchedSignal],
    options: Options,
    settings: Settings,
    faults: Sequence[FaultWindow],
) -> SignalsPast:
    start, end = _span(options, settings, faults)
    prometheus = Prometheus(settings.prometheus)
    companions = Companions(prometheus)
    histories = []
    for signal in watched:
        reading = Blocks(
            prometheus,
            companions,
            signal,
            step=settings.step_seconds,
            shard=settings.shard,
            most_series=settings.max_series,
        )
        blocks = tuple(reading.read(start - settings.lookback_seconds, end))
        history = SignalHistory(signal, blocks)
        log.info("read %d series of %s", len(history.keys), signal.name)
        for warning in dict.fromkeys(text for block in blocks for text in block.warnings):
            log.warning("%s: %s", signal.name, warning)
        histories.append(history)
    if not any(history.keys for history in histories):
        raise DataError("the queries have no series in that time")
    return SignalsPast(histories, settings, since=start)


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
