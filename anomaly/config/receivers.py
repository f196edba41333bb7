"""Who is told. Nobody is unless named here."""

import re
import string
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from anomaly.config import Model
from anomaly.config.endpoint import BaseUrl, Endpoint, HttpSettings, SecretSource, without_path
from anomaly.incidents.alert import Severity

Output = Literal[
    "anomaly_score",
    "anomaly_detection_score",
    "anomaly_detection_method",
    "yhat",
    "yhat_lower",
    "yhat_upper",
]
OUTPUTS: tuple[Output, ...] = get_args(Output)

PLACES = ("signal", "service", "from", "to")
"""What may stand in braces in a link; filled in for each alert."""

API_PATHS = ("/api/v2/alerts", "/api/v2", "/api/v1/alerts", "/api/v1", "/-/ready", "/alerts")
"""What people copy along with the address of an Alertmanager."""

LABEL_NAME = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_]*$")
OWN_LABELS = ("alertname", "signal", "service", "key")
"""Labels of an alert that say which one it is."""


def _link(template: str) -> str:
    try:
        places = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    except ValueError as error:
        raise ValueError(f"is no template: {error}") from None
    unknown = sorted(set(places) - set(PLACES))
    if unknown:
        allowed = ", ".join(f"{{{place}}}" for place in PLACES)
        raise ValueError(f"has {{{unknown[0]}}}, which nobody fills in; use {allowed}")
    return template


Link = Annotated[str, Field(pattern=r"^https?://\S+$"), AfterValidator(_link)]
"""A URL with `{signal}`, `{service}`, `{from}` and `{to}` (epoch milliseconds) to be filled in."""


class RemoteWriteSettings(Endpoint):
    """Scores and bands as series, by Prometheus' remote write protocol.

    The URL is that of the receiver with its path: `/api/v1/write` of Prometheus (which needs
    `--web.enable-remote-write-receiver`) and VictoriaMetrics, `/api/v1/push` of Mimir,
    `/api/v1/receive` of Thanos.
    """

    @field_validator("url")
    @classmethod
    def _whole(cls, url: str) -> str:
        path = urlsplit(url).path.rstrip("/")
        if not path or path.endswith(("/query", "/query_range", "/graph")):
            raise ValueError(
                "is not the address of a receiver; Prometheus and VictoriaMetrics have "
                "/api/v1/write, Mimir /api/v1/push, Thanos /api/v1/receive"
            )
        return url

    outputs: tuple[Output, ...] = Field(OUTPUTS, min_length=1)
    """Which series are written; each of them once for every series that is watched."""

    max_samples_per_request: int = Field(5_000, ge=1, le=100_000)
    """Samples that go in one request."""

    budget_seconds: float = Field(120.0, gt=0, le=3600)
    """Time for all requests of a run; what does not go through by then is an error."""


class AlertmanagerSettings(Endpoint):
    """Alertmanager, which groups, silences and routes. The URL ends before `/api/v2/alerts`."""

    replicas: tuple[BaseUrl, ...] = ()
    """Further instances of the same cluster. They do not pass alerts on to each other, so each is
    told; one that takes them is enough."""

    labels: dict[str, str] = {"severity": "warning"}
    """Labels that every alert gets, for routing. They are part of what tells alerts apart, so the
    severity of the moment cannot be one; it is an annotation."""

    min_severity: Severity = "info"
    """Alerts that are less severe are not told."""

    budget_seconds: float = Field(60.0, gt=0, le=600)
    """Time for all requests of a run."""

    @field_validator("url", "replicas")
    @classmethod
    def _bases(cls, given: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for url in (given,) if isinstance(given, str) else given:
            without_path(url, *API_PATHS)
        return given

    @field_validator("labels")
    @classmethod
    def _routing_labels(cls, labels: dict[str, str]) -> dict[str, str]:
        for name in labels:
            if not LABEL_NAME.match(name) or name in OWN_LABELS:
                raise ValueError(
                    f"{name!r} cannot be a label; use letters, digits and _, and none of "
                    f"{', '.join(OWN_LABELS)}"
                )
        return labels


class SlackSettings(HttpSettings):
    """Slack: one message for all that is new in a run."""

    webhook: SecretSource
    """Where the URL of the incoming webhook lies. Whoever knows it can write to the channel."""

    top: int = Field(10, ge=1, le=30)
    """Alerts that the message describes, the worst first; it counts the others."""

    min_severity: Severity = "warning"
    """Alerts that are less severe are not told."""

    budget_seconds: float = Field(60.0, gt=0, le=600)
    """Time for the message, pauses that Slack asks for included."""


class PagerDutySettings(HttpSettings):
    """PagerDuty, which wakes people."""

    routing_key: SecretSource
    """Where the integration key of the service lies (Events API v2)."""

    url: BaseUrl = "https://events.pagerduty.com/v2/enqueue"
    """Where events go; `https://events.eu.pagerduty.com/v2/enqueue` in Europe."""

    @field_validator("url")
    @classmethod
    def _events(cls, url: str) -> str:
        if not urlsplit(url).path.strip("/"):
            raise ValueError("has no path; PagerDuty takes events at /v2/enqueue")
        return url

    min_severity: Severity = "critical"
    """Alerts that are less severe are not told. Anomalies are seldom worth waking people for; a
    service level that breaks is."""

    max_events: int = Field(60, ge=1, le=500)
    """Events of one run, the worst first; further ones wait for the next. PagerDuty takes about 120
    a minute."""

    budget_seconds: float = Field(120.0, gt=0, le=600)
    """Time for all events of a run."""


class Results(Model):
    """Who is told what a run found."""

    remote_write: RemoteWriteSettings | None = None
    """Where scores, bands and the detector's own figures are written."""

    alertmanager: AlertmanagerSettings | None = None
    """Alertmanager, the best of the ways to tell people."""

    slack: SlackSettings | None = None
    """A Slack channel."""

    pagerduty: PagerDutySettings | None = None
    """A PagerDuty service."""

    dashboard_url: Link | None = None
    """Where to look closer. `{signal}`, `{service}`, `{from}` and `{to}` (epoch milliseconds) are
    filled in."""

    runbook_url: Link | None = None
    """What to do; with the same places."""

    @property
    def forgetful(self) -> tuple[str, ...]:
        """Those who are told and do not know what they have been told before."""
        given = {"slack": self.slack, "pagerduty": self.pagerduty}
        return tuple(name for name, sink in given.items() if sink)
