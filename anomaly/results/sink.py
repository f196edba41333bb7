"""What all who are told of alerts have in common: messages one by one, in bounded time.

What goes into a message is each sink's own business; it is decided before anything is sent.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from anomaly.alerting.alert import Alert
from anomaly.errors import AnomalyError, SinkOverloaded, SinkRefused, SinkUnreachable
from anomaly.results.told import Told
from anomaly.transport.client import Failures

FAILURES = Failures(SinkUnreachable, SinkOverloaded, SinkRefused, SinkRefused)


@dataclass(frozen=True)
class Context:
    """What a sink has to know beside its own settings."""

    environment: str
    """Which stack it is about."""

    interval_seconds: float
    """Time between runs."""

    dashboard_url: str | None = None
    """Where to look closer; a template."""

    runbook_url: str | None = None
    """What to do; a template."""


@dataclass(frozen=True)
class Message:
    """One request."""

    body: bytes
    """JSON."""

    tells: tuple[Alert, ...] = ()
    """Alerts that the sink knows once the message is there."""

    settles: tuple[str, ...] = ()
    """Keys of incidents of earlier runs of which it then knows that they are over."""


Post = Callable[[Message, float], None]
"""Sends a message before a deadline of the monotonic clock; raises a SinkError."""


@dataclass(frozen=True)
class Sent:
    """What became of the messages of one sink."""

    told: Told
    """What all sinks know by now."""

    messages: int = 0
    """Messages that arrived."""

    error: AnomalyError | None = None
    """What went wrong, if anything; the first of several."""


class Sink(ABC):
    """Somebody who is told of alerts."""

    name: ClassVar[str]
    """Name in logs, metrics and in what is remembered."""

    def __init__(self, context: Context, budget_seconds: float) -> None:
        self._context = context
        self._budget = budget_seconds

    @abstractmethod
    def compose(self, alerts: Sequence[Alert], told: Told, *, now: float) -> tuple[Message, ...]:
        """What there is to tell. Pure.

        Args:
            alerts: what a run reports.
            told: what was told before.
            now: epoch seconds.
        """

    @abstractmethod
    def connect(self) -> Post:
        """Get ready to send.

        Raises:
            SettingsError: a secret or a certificate cannot be read.
        """

    def send(self, alerts: Sequence[Alert], told: Told, *, now: float) -> Sent:
        """Tell what is not known yet; with the same arguments as `compose`.

        An error is returned with what was told all the same. Each message arrives at least once:
        one whose receipt is not known is sent again.
        """
        messages = self.compose(alerts, told, now=now)
        deadline = monotonic() + self._budget
        arrived = 0
        error: AnomalyError | None = None
        try:
            post = self.connect() if messages else _nowhere
            for message in messages:
                try:
                    post(message, deadline)
                except SinkRefused as refused:  # of this message; the next may be fine
                    error = error or refused
                    continue
                arrived += 1
                told = told.after(self.name, message.tells, now)
                told = told.settled(self.name, message.settles)
        except AnomalyError as failure:
            error = error or failure
        return Sent(told.owing(self.name, alerts), arrived, error)


def _nowhere(_message: Message, _deadline: float) -> None:
    """Where nothing is sent, nobody needs a connection, or a secret."""
