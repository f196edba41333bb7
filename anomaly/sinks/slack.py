"""Slack, by an incoming webhook: one digest for each run that has news."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from anomaly.config.receivers import SlackSettings
from anomaly.errors import SettingsError
from anomaly.incidents.alert import Alert
from anomaly.incidents.describe import span
from anomaly.incidents.ledger import News, Told
from anomaly.sinks.sink import (
    Context,
    Message,
    Post,
    Sink,
    cut,
    door,
    explanation,
    link,
)
from anomaly.transport.client import Client

MOST_HEADER = 150
MOST_SECTION = 3000
"""Characters of a section; Slack refuses a message with a longer one."""

MOST_LIST = 2_900
"""Characters of a list, which says behind them how much it left out."""

MOST_TEXT = 12_000
"""Characters of all sections; somewhere above it Slack refuses the whole message."""

SIGNS = {"info": ":information_source:", "warning": ":warning:", "critical": ":rotating_light:"}

Section = Mapping[str, Any]


class Slack(Sink):
    """A channel of Slack."""

    name = "slack"

    def __init__(self, settings: SlackSettings, context: Context) -> None:
        super().__init__(context, settings.budget_seconds)
        self._settings = settings

    def compose(self, alerts: Sequence[Alert], told: Told, *, now: float) -> tuple[Message, ...]:
        """One message of all news, or none.

        The moment plays no part: what happened when stands in the alerts.
        """
        del now
        news = told.news(self.name, alerts, self._settings.min_severity)
        reported = {alert.key for alert in alerts}
        owed = {
            key: telling.title
            for key, telling in told.owed(self.name).items()
            if key not in reported
        }
        if not news and not owed:
            return ()
        title = self._title(news, len(owed))
        header = {
            "type": "header",
            "text": {"type": "plain_text", "text": cut(title, MOST_HEADER)},
        }
        over = list(_over(news, list(owed.values())))
        room = MOST_TEXT - sum(map(len, over))
        sections = [_section(text) for text in (*self._going_on(news, room), *over)]
        body = json.dumps({"text": title, "blocks": [header, *sections]}).encode()
        tells = (*news.opened, *news.worsened, *news.resolved, *news.missed)
        return (Message(body, tells=tells, settles=tuple(owed)),)

    def doors(self) -> Sequence[Post]:
        """To the webhook; its URL is the secret."""
        url = self._settings.webhook.read()
        if not url.get_secret_value().startswith(("https://", "http://")):
            raise SettingsError(f"{self._settings.webhook} holds no URL of a Slack webhook")
        return (door(Client(self._settings, url, name="Slack"), repeatable=False),)

    def _title(self, news: News, owed: int) -> str:
        counts = {
            "new": len(news.opened),
            "worse": len(news.worsened),
            "over": len(news.resolved) + owed,
            "missed between runs": len(news.missed),
        }
        told = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        return f"Anomalies in {self._context.environment}: {told}"

    def _going_on(self, news: News, room: int) -> Iterator[str]:
        """The worst of what goes on, in detail; the others as a number."""
        alerts = (*news.worsened, *news.opened)
        worse = {alert.key for alert in news.worsened}
        shown = 0
        for alert in alerts[: self._settings.top]:
            text = self._detail(alert, worse=alert.key in worse)
            room -= len(text)
            if room < 0:
                break
            shown += 1
            yield text
        if shown < len(alerts):
            more = f"and {len(alerts) - shown} more"
            dashboard = link(self._context.dashboard_url, alerts[shown])
            yield _href(dashboard, more) if dashboard else more

    def _detail(self, alert: Alert, *, worse: bool) -> str:
        links = [
            _href(href, text)
            for href, text in (
                (link(self._context.dashboard_url, alert), "dashboard"),
                (link(self._context.runbook_url, alert), "runbook"),
            )
            if href
        ]
        lines = [
            f"{SIGNS[alert.severity]} *{_plain(cut(alert.summary, 500))}*"
            + (" (worse than told before)" if worse else ""),
            _plain(cut(explanation(alert), 800)),
            *(f"• {_plain(cut(line, 300))}" for line in alert.advice[:3]),
            " · ".join(links),
        ]
        return "\n".join(filter(None, lines))


def _over(news: News, owed: Sequence[str]) -> Iterator[str]:
    """What is over, a line each."""
    lists = {
        ":white_check_mark: *Over*": [*map(_line, news.resolved), *owed],
        ":hourglass: *Came and went between two runs*": [*map(_line, news.missed)],
    }
    for title, lines in lists.items():
        if lines:
            yield _list(title, lines)


def _line(alert: Alert) -> str:
    end = alert.until if alert.until is not None else alert.last
    return f"{alert.signal} of {alert.service}, after {span(end - alert.since)}"


def _list(title: str, lines: Sequence[str]) -> str:
    """As many lines as a section holds, and how many there are beyond."""
    text, left = title, len(lines)
    for line in lines:
        longer = f"{text}\n• {_plain(cut(line, 300))}"
        if len(longer) > MOST_LIST:
            return f"{text}\nand {left} more"
        text, left = longer, left - 1
    return text


def _section(text: str) -> Section:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, MOST_SECTION)}}


def _plain(text: str) -> str:
    """A text in which nothing is a link or a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _href(url: str, text: str) -> str:
    safe = url.replace("|", "%7C").replace(">", "%3E").replace("<", "%3C")
    return f"<{safe}|{text}>"
