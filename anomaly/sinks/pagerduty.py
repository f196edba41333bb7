"""PagerDuty, by its Events API v2: an incident is triggered once and resolved once."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from anomaly.config.receivers import PagerDutySettings
from anomaly.incidents.alert import Alert
from anomaly.incidents.ledger import Told
from anomaly.sinks.sink import (
    Context,
    Message,
    Post,
    Sink,
    cut,
    door,
    explanation,
    link,
    number,
)
from anomaly.texts import utc
from anomaly.transport.client import Client

MOST_KEY = 255
MOST_SUMMARY = 1024
MOST_SOURCE = 255
MOST_DETAIL = 1024
"""Characters of a label's value; an event has 512 KiB in all."""


class PagerDuty(Sink):
    """A service of PagerDuty."""

    name = "pagerduty"

    def __init__(self, settings: PagerDutySettings, context: Context) -> None:
        super().__init__(context, settings.budget_seconds)
        self._settings = settings

    def compose(self, alerts: Sequence[Alert], told: Told, *, now: float) -> tuple[Message, ...]:
        """An event for each incident that is new, worse or over; no more than fit into a run.

        The moment plays no part: what happened when stands in the alerts.
        """
        del now
        news = told.news(self.name, alerts, self._settings.min_severity)
        reported = {alert.key for alert in alerts}
        owed = [key for key in told.owed(self.name) if key not in reported]
        events = (
            *(_message(self._trigger(alert), alert) for alert in (*news.opened, *news.worsened)),
            *(_message(_resolve(alert.key), alert) for alert in news.resolved),
            *(Message(json.dumps(_resolve(key)).encode(), settles=(key,)) for key in owed),
        )
        return events[: self._settings.max_events]

    def doors(self) -> Sequence[Post]:
        """With the routing key, which goes into every event and into nothing else."""
        key = self._settings.routing_key.read()
        send = door(Client(self._settings, self._settings.url, hidden=[key]))

        def post(message: Message, deadline: float) -> None:
            event = {"routing_key": key.get_secret_value(), **json.loads(message.body)}
            send(Message(json.dumps(event).encode()), deadline)

        return (post,)

    def _trigger(self, alert: Alert) -> Mapping[str, Any]:
        dashboard = link(self._context.dashboard_url, alert)
        runbook = link(self._context.runbook_url, alert)
        links = [
            {"href": href, "text": text}
            for href, text in ((dashboard, "Dashboard"), (runbook, "Runbook"))
            if href
        ]
        return {
            "event_action": "trigger",
            "dedup_key": dedup_key(alert.key),
            "client": "brisa anomaly detector",
            **({"client_url": dashboard} if dashboard else {}),
            "links": links,
            "payload": {
                "summary": cut(f"[{self._context.environment}] {alert.summary}", MOST_SUMMARY),
                "source": cut(alert.service, MOST_SOURCE) or "unknown",
                "severity": alert.severity,
                "timestamp": utc(alert.since),
                "component": cut(alert.service, MOST_SOURCE),
                "group": self._context.environment,
                "class": alert.signal,
                "custom_details": _details(alert),
            },
        }


def dedup_key(key: str) -> str:
    """The name of an incident, short enough for PagerDuty."""
    return key if len(key) <= MOST_KEY else hashlib.sha256(key.encode()).hexdigest()


def _resolve(key: str) -> Mapping[str, Any]:
    return {"event_action": "resolve", "dedup_key": dedup_key(key)}


def _message(event: Mapping[str, Any], alert: Alert) -> Message:
    return Message(json.dumps(event).encode(), tells=(alert,))


def _details(alert: Alert) -> Mapping[str, Any]:
    return {
        "explanation": cut(explanation(alert), MOST_DETAIL),
        "advice": [cut(line, MOST_DETAIL) for line in alert.advice],
        "value": number(alert.value),
        "expected": number(alert.expected),
        "score": number(alert.score),
        "labels": {name: cut(value, MOST_DETAIL) for name, value in alert.labels.items()},
    }
