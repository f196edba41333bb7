"""What earlier runs have told, for a run that remembers nothing of them.

It follows from the history: what was to be told at a tick, every sink was told that has been told
of that tick. Up to which tick that is of each signal, the detector says in its own series, where
scores are written; where they are not, it was the run before this one that told everybody.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from anomaly.errors import ServerError
from anomaly.incidents.alert import Alert
from anomaly.incidents.ledger import Told
from anomaly.incidents.track import NEVER
from anomaly.prometheus.blocks import Source
from anomaly.run.report import PREFIX, SIGNAL_LABEL, SINK_LABEL, TOLD_UP_TO
from anomaly.sinks.sink import Sink

LOOK_BACK = "2d"
"""A detector that has not run for longer begins as if it never had."""


@dataclass(frozen=True)
class Recollection:
    """Up to which ticks sinks have been told."""

    usual: float
    """Epoch seconds of the tick of the run before this one; what holds where nothing is known."""

    ticks: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """By sink and signal, epoch seconds; of all of them if of any."""

    def up_to(self, sink: str, signal: str, lag: float) -> float:
        """Epoch seconds of the tick up to which a sink was told of a signal.

        This run, and so the one before, lies behind with the signal by the lag.
        """
        if not self.ticks:
            return self.usual - lag
        return self.ticks.get((sink, signal), -NEVER)

    def of(self, sink: str) -> Mapping[str, float]:
        """Signal and the tick up to which a sink was told of it, as far as that is known."""
        return {signal: tick for (name, signal), tick in self.ticks.items() if name == sink}

    def after(
        self, sinks: Iterable[str], until: Mapping[str, float]
    ) -> Mapping[tuple[str, str], float]:
        """The same once some sinks have been told of signals up to some ticks."""
        new = {(sink, signal): tick for sink in sinks for signal, tick in until.items()}
        return {**self.ticks, **new}


def told_before(
    sinks: Sequence[Sink],
    beginnings: Sequence[tuple[Alert, float]],
    recollection: Recollection,
    lags: Mapping[str, float],
    *,
    now: float,
) -> Told:
    """What sinks have been told by runs before this one."""
    told = Told()
    for sink in sinks:

        def was_told(alert: Alert, moment: float | None, sink: str = sink.name) -> bool:
            lag = lags.get(alert.signal, 0.0)
            return (moment or NEVER) <= recollection.up_to(sink, alert.signal, lag)

        old = [alert for alert, due in beginnings if was_told(alert, due)]
        over = {alert.key: alert for alert in old if was_told(alert, alert.until)}
        firing = [replace(alert, state="firing") for alert in old]
        for message in sink.compose(firing, Told(), now=now):
            told = told.after(sink.name, message.tells, now)
            ended = [over[alert.key] for alert in message.tells if alert.key in over]
            told = told.after(sink.name, ended, now)
    return told


def recollect(
    source: Source, labels: Mapping[str, str], *, now: float, usual: float
) -> Recollection:
    """What the detector's own series say."""
    matchers = ", ".join(f"{name}={json.dumps(value)}" for name, value in labels.items())
    metric = f"{PREFIX}{TOLD_UP_TO}{{{matchers}}}"
    # The newest, not the largest: a clock may have been ahead.
    query = f"max by ({SINK_LABEL}, {SIGNAL_LABEL}) (last_over_time({metric}[{LOOK_BACK}]))"
    try:
        answer = source.query_range(query, start=int(now), end=int(now), step=1)
    except ServerError:
        return Recollection(usual)  # whatever is the matter, the signals will say so
    ticks = {
        (labels.get(SINK_LABEL, ""), labels.get(SIGNAL_LABEL, "")): float(row[-1])
        for labels, row in zip(answer.labels, answer.values, strict=True)
        if np.isfinite(row[-1]) and row[-1] <= now
    }
    return Recollection(usual, ticks)
