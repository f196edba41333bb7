"""Telling everybody of the alerts of a run."""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from anomaly.config.receivers import Results
from anomaly.errors import AnomalyError, SinkError
from anomaly.incidents.alert import Alert
from anomaly.incidents.ledger import Told
from anomaly.sinks.alertmanager import Alertmanager
from anomaly.sinks.pagerduty import PagerDuty
from anomaly.sinks.sink import Context, Sent, Sink
from anomaly.sinks.slack import Slack

log = logging.getLogger("anomaly")


@dataclass(frozen=True)
class Delivery:
    """What became of the alerts of a run."""

    told: Told
    """What is to be remembered until the next run."""

    messages: Mapping[str, int] = field(default_factory=dict)
    """Messages that arrived, by sink."""

    errors: Mapping[str, AnomalyError] = field(default_factory=dict)
    """What went wrong, by sink."""

    complete: frozenset[str] = frozenset()
    """Sinks that know all that they are to know."""


def deliver(sinks: Sequence[Sink], alerts: Sequence[Alert], told: Told, *, now: float) -> Delivery:
    """Tell everybody at once; that one sink fails or hangs keeps nothing from the others.

    Args:
        sinks: who is told.
        alerts: what a run reports: what goes on, and what recovered since the last run.
        told: what was told before.
        now: epoch seconds.
    """

    def send(sink: Sink) -> Sent:
        try:
            return sink.send(alerts, told, now=now)
        except Exception as error:  # a mistake of ours must not keep the others from being told
            log.exception("telling %s went wrong", sink.name)
            failure = SinkError(f"could not be told: {type(error).__name__}")
            return Sent(told.owing(sink.name, alerts), error=failure, complete=False)

    with ThreadPoolExecutor(max(len(sinks), 1)) as pool:
        sent = dict(zip((sink.name for sink in sinks), pool.map(send, sinks), strict=True))
    for name, each in sent.items():
        told = told.of(name, each.told)
    return Delivery(
        told.remembered(alerts, now),
        {name: each.messages for name, each in sent.items()},
        {name: each.error for name, each in sent.items() if each.error},
        frozenset(name for name, each in sent.items() if each.complete),
    )


def sinks(results: Results, *, environment: str, interval_seconds: float) -> tuple[Sink, ...]:
    """All who are to be told; nothing is read or sent yet.

    Args:
        results: the settings.
        environment: which stack it is about.
        interval_seconds: time between runs.
    """
    context = Context(environment, interval_seconds, results.dashboard_url, results.runbook_url)
    configured: list[Sink] = []
    if results.alertmanager:
        configured.append(Alertmanager(results.alertmanager, context))
    if results.pagerduty:
        configured.append(PagerDuty(results.pagerduty, context))
    if results.slack:
        configured.append(Slack(results.slack, context))
    return tuple(configured)
