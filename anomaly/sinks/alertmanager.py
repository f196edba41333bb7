"""Alertmanager, by its API v2.

It forgets an alert that nobody repeats, so whatever goes on is sent in every run, and holds until
three runs have failed to repeat it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from anomaly.config.receivers import AlertmanagerSettings
from anomaly.incidents.alert import Alert
from anomaly.incidents.ledger import Told
from anomaly.sinks.sink import Context, Message, Post, Sink, door, explanation, link, number
from anomaly.texts import utc
from anomaly.transport.client import Client

ALERT_NAME = "AnomalyDetected"
PATH = "/api/v2/alerts"
HOLDS_INTERVALS = 3
"""Runs for which an alert holds that is not repeated, and for which a recovery is repeated."""

MOST_ALERTS = 500
"""Alerts in one request."""


class Alertmanager(Sink):
    """A cluster of Alertmanagers."""

    name = "alertmanager"

    def __init__(self, settings: AlertmanagerSettings, context: Context) -> None:
        super().__init__(context, settings.budget_seconds)
        self._settings = settings

    def compose(self, alerts: Sequence[Alert], told: Told, *, now: float) -> tuple[Message, ...]:
        """All that goes on, known or not, and what recovered lately and was told."""
        news = told.news(self.name, alerts, self._settings.min_severity)
        known = told.sinks.get(self.name, {})
        fresh = {alert.key for alert in (*news.opened, *news.worsened, *news.resolved)}
        sent = [
            alert
            for alert in alerts
            if alert.key in fresh or (alert.key in known and self._repeats(alert, now))
        ]
        return tuple(
            Message(
                json.dumps([self._plain(alert, now) for alert in part]).encode(), tells=tuple(part)
            )
            for part in (sent[at : at + MOST_ALERTS] for at in range(0, len(sent), MOST_ALERTS))
        )

    def owes(self, alerts: Sequence[Alert], told: Told, *, now: float) -> bool:
        """Whether there is news; what it knows is repeated in every run all the same."""
        del now
        news = told.news(self.name, alerts, self._settings.min_severity)
        return bool(news.opened or news.worsened or news.resolved)

    def doors(self) -> Sequence[Post]:
        """To all of them: one that hangs keeps nothing from the others."""
        urls = (self._settings.url, *self._settings.replicas)
        return tuple(door(Client(self._settings, url), PATH) for url in urls)

    def _holds(self) -> float:
        return HOLDS_INTERVALS * self._context.interval_seconds

    def _repeats(self, alert: Alert, now: float) -> bool:
        """Whether an alert that is known is sent once more."""
        return alert.until is None or now - alert.until < self._holds()

    def _plain(self, alert: Alert, now: float) -> Mapping[str, Any]:
        over = alert.until if alert.until is not None else now
        ends = now + self._holds() if alert.state == "firing" else over
        dashboard = link(self._context.dashboard_url, alert)
        return {
            "labels": self._labels(alert),
            "annotations": _annotations(alert, self._context, dashboard),
            "startsAt": utc(alert.since),
            "endsAt": utc(ends),
            "generatorURL": dashboard or "",
        }

    def _labels(self, alert: Alert) -> Mapping[str, str]:
        """What tells the alert from others; nothing in it changes while it goes on."""
        own = {
            **self._settings.labels,
            "alertname": ALERT_NAME,
            "signal": alert.signal,
            "service": alert.service,
            "key": alert.key,
            "environment": self._context.environment,
        }
        series = {
            (f"exported_{name}" if name in own else name): value
            for name, value in _named(alert.labels).items()
        }
        return {name: value for name, value in {**series, **own}.items() if value}


def _named(labels: Mapping[str, str]) -> Mapping[str, str]:
    """Labels under names that every Alertmanager takes."""
    return {
        re.sub(r"^(?=\d)|[^a-zA-Z0-9_]", "_", name): value
        for name, value in labels.items()
        if name and name != "__name__"
    }


def _annotations(alert: Alert, context: Context, dashboard: str | None) -> Mapping[str, str]:
    """What is to be said; all of it may change from one run to the next."""
    said = {
        "summary": alert.summary,
        "description": explanation(alert),
        "advice": "; ".join(alert.advice),
        "severity": alert.severity,
        "direction": alert.direction,
        "value": number(alert.value),
        "expected": number(alert.expected),
        "lower": number(alert.lower),
        "upper": number(alert.upper),
        "score": number(alert.score),
        "points": str(alert.points),
        "runbook_url": link(context.runbook_url, alert) or "",
        "dashboard_url": dashboard or "",
    }
    return {name: value for name, value in said.items() if value}
