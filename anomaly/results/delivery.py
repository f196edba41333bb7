"""Telling everybody of the alerts of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from anomaly.alerting.alert import Alert
from anomaly.errors import AnomalyError
from anomaly.results.alertmanager import Alertmanager
from anomaly.results.pagerduty import PagerDuty
from anomaly.results.settings import Results
from anomaly.results.sink import Context, Sink
from anomaly.results.slack import Slack
from anomaly.results.told import Told


@dataclass(frozen=True)
class Delivery:
    """What became of the alerts of a run."""

    told: Told
    """What is to be remembered until the next run."""

    messages: Mapping[str, int] = field(default_factory=dict)
    """Messages that arrived, by sink."""

    errors: Mapping[str, AnomalyError] = field(default_factory=dict)
    """What went wrong, by sink."""


def deliver(sinks: Sequence[Sink], alerts: Sequence[Alert], told: Told, *, now: float) -> Delivery:
    """Tell everybody; that one sink fails hides nothing from the others.

    Args:
        sinks: who is told.
        alerts: what a run reports: what goes on, and what recovered since the last run.
        told: what was told before.
        now: epoch seconds.
    """
    messages: dict[str, int] = {}
    errors: dict[str, AnomalyError] = {}
    for sink in sinks:
        sent = sink.send(alerts, told, now=now)
        told = sent.told
        messages[sink.name] = sent.messages
        if sent.error:
            errors[sink.name] = sent.error
    return Delivery(told.remembered(alerts, now), messages, errors)


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
