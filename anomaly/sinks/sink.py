"""What all who are told of alerts have in common: messages one by one, in bounded time.

What goes into a message is each sink's own business; it is decided before anything is sent.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic
from typing import ClassVar
from urllib.parse import quote

from anomaly.errors import AnomalyError, Refused, ServerError
from anomaly.incidents.alert import Alert
from anomaly.incidents.ledger import Told
from anomaly.texts import amount, utc
from anomaly.transport.client import Client, Request

JSON = {"Content-Type": "application/json"}

AROUND_SECONDS = 3600
"""What a dashboard shows before and after an incident."""


def number(value: float) -> str:
    """A number for people."""
    return amount(value, "unknown")


def explanation(alert: Alert) -> str:
    """What was seen, what was expected, since when, and how often before."""
    if alert.direction == "absent":
        seen = f"there is no value where {number(alert.expected)} was expected"
    else:
        seen = (
            f"{number(alert.value)} where {number(alert.expected)} was expected and "
            f"{number(alert.lower)} to {number(alert.upper)} is normal"
        )
    since = f"since {utc(alert.since)}"
    if alert.until is not None:
        since = f"from {utc(alert.since)} to {utc(alert.until)}"
    before = f"; {alert.before} times before" if alert.before else "; for the first time"
    views = f"; seen by {', '.join(alert.views)}" if alert.views else ""
    return f"{seen} (score {number(alert.score)}), {since}{before}{views}"


def link(template: str | None, alert: Alert) -> str | None:
    """A link with everything filled in that depends on the alert."""
    if template is None:
        return None
    end = alert.until if alert.until is not None else alert.last
    return template.format_map(
        {
            "signal": quote(alert.signal, safe=""),
            "service": quote(alert.service, safe=""),
            "from": str(round((alert.since - AROUND_SECONDS) * 1000)),
            "to": str(round((end + AROUND_SECONDS) * 1000)),
        }
    )


def cut(text: str, most: int) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


log = logging.getLogger("anomaly")

MOST_SHARE = 0.2
"""Share of the time between runs that telling may take, whatever the budget: others wait too."""


@dataclass(frozen=True)
class Context:
    """What a sink has to know beside its own settings."""

    environment: str
    interval_seconds: float
    dashboard_url: str | None = None
    """Where to look closer; a template."""

    runbook_url: str | None = None
    """What to do; a template."""


@dataclass(frozen=True)
class Message:
    """One request."""

    body: bytes
    tells: tuple[Alert, ...] = ()
    """Alerts that the sink knows once the message is there."""

    settles: tuple[str, ...] = ()
    """Keys of incidents of earlier runs of which it then knows that they are over."""


Post = Callable[[Message, float], None]
"""Sends a message before a deadline of the monotonic clock; raises a ServerError."""


def door(client: Client, path: str = "", *, repeatable: bool = True) -> Post:
    """Posts messages as they are."""

    def post(message: Message, deadline: float) -> None:
        request = Request(message.body, JSON, path, repeatable)
        client.exchange(request, deadline=deadline, wanted=False)

    return post


@dataclass(frozen=True)
class Sent:
    """What became of the messages of one sink."""

    told: Told
    """What all sinks know by now."""

    messages: int = 0
    error: AnomalyError | None = None
    """What went wrong, if anything; the first of several."""

    complete: bool = True
    """Whether the sink knows all that it is to know."""


class Sink(ABC):
    """Somebody who is told of alerts."""

    name: ClassVar[str]
    """Name in logs, metrics and in what is remembered."""

    def __init__(self, context: Context, budget_seconds: float) -> None:
        self._context = context
        self._budget = min(budget_seconds, MOST_SHARE * context.interval_seconds)

    @abstractmethod
    def compose(self, alerts: Sequence[Alert], told: Told, *, now: float) -> tuple[Message, ...]:
        """What there is to tell. Pure."""

    @abstractmethod
    def doors(self) -> Sequence[Post]:
        """Ways to it that do not depend on one another; one that takes a message is enough.

        Raises:
            SettingsError: a secret or a certificate cannot be read.
        """

    def owes(self, alerts: Sequence[Alert], told: Told, *, now: float) -> bool:
        """Whether it is still to be told of something."""
        return bool(self.compose(alerts, told, now=now))

    def send(self, alerts: Sequence[Alert], told: Told, *, now: float) -> Sent:
        """Tell what is not known yet; with the same arguments as `compose`.

        An error is returned with what was told all the same. Each message arrives at least once:
        one whose receipt is not known is sent again.
        """
        messages = self.compose(alerts, told, now=now)
        if not messages:
            return Sent(told.owing(self.name, alerts))
        try:
            doors = self.doors()
        except AnomalyError as failure:
            return Sent(told.owing(self.name, alerts), error=failure, complete=False)
        with ThreadPoolExecutor(len(doors)) as pool:
            answers = list(pool.map(lambda door: self._through(door, messages), doors))
        arrived, error = 0, None
        for message, failures in zip(messages, zip(*answers, strict=True), strict=True):
            if all(failures):
                error = error or failures[0]
                continue
            arrived += 1
            told = told.after(self.name, message.tells, now)
            told = told.settled(self.name, message.settles)
        told = told.owing(self.name, alerts)
        complete = error is None and not self.owes(alerts, told, now=now)
        return Sent(told, arrived, error, complete)

    def _through(self, post: Post, messages: Sequence[Message]) -> list[AnomalyError | None]:
        """What is wrong with each message by one door; nothing where it took it."""
        deadline = monotonic() + self._budget
        failures: list[AnomalyError | None] = []
        for message in messages:
            try:
                post(message, deadline)
            except Refused as refused:  # of this message; the next may be fine
                failures.append(refused)
            except AnomalyError as failure:
                failures += [failure] * (len(messages) - len(failures))
                log.warning("%s: %s", self.name, failure)
                break
            else:
                failures.append(None)
        return failures


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
    """Tell everybody at once; that one sink fails or hangs keeps nothing from the others."""

    def send(sink: Sink) -> Sent:
        try:
            return sink.send(alerts, told, now=now)
        except Exception as error:  # a mistake of ours must not keep the others from being told
            log.exception("telling %s went wrong", sink.name)
            failure = ServerError(f"could not be told: {type(error).__name__}")
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
