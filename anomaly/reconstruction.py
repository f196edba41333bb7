"""What earlier runs have done, for a run that remembers nothing of them.

It follows from the history: an incident that was to be told at a tick which is not new was told by
the run to which that tick was.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from anomaly.alerting.incidents import NEVER
from anomaly.blocks import Source
from anomaly.errors import PrometheusError
from anomaly.results.selfmonitoring import PREFIX
from anomaly.results.sink import Sink
from anomaly.results.told import Told
from anomaly.telling import Beginning


def told_before(
    sinks: Sequence[Sink], beginnings: Iterable[Beginning], *, since: float, now: float
) -> Told:
    """What sinks have been told by runs before this one.

    Args:
        sinks: who is told; each says itself which alerts it passes on.
        beginnings: since when alerts are told.
        since: epoch seconds of a tick up to which ticks are not new, whatever was judged.
        now: epoch seconds.
    """
    told = Told()
    old = [each for each in beginnings if each.due <= max(each.fresh, since)]
    over = {
        each.alert.key: each.alert
        for each in old
        if (each.alert.until or NEVER) <= max(each.fresh, since)
    }
    firing = [replace(each.alert, state="firing") for each in old]
    for sink in sinks:
        for message in sink.compose(firing, Told(), now=now):
            told = told.after(sink.name, message.tells, now)
            ended = [over[alert.key] for alert in message.tells if alert.key in over]
            told = told.after(sink.name, ended, now)
    return told


def last_success(source: Source, labels: Mapping[str, str], *, now: float) -> float | None:
    """Epoch seconds of the last run that went well, by the detector's own series.

    Args:
        source: where they are read.
        labels: what tells them from those of other detectors.
        now: epoch seconds; the last run may have been a moment ago.
    """
    matchers = ", ".join(f"{name}={json.dumps(value)}" for name, value in labels.items())
    metric = f"{PREFIX}last_success_timestamp_seconds{{{matchers}}}"
    at = int(now)
    try:
        answer = source.query_range(f"max(max_over_time({metric}[1d]))", start=at, end=at, step=1)
    except PrometheusError:
        return None  # whatever is the matter, the signals will say so
    known = answer.values[np.isfinite(answer.values)]
    return float(known[0]) if len(known) else None
