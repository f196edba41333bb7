"""Servers that the detector reads from and tells: how each is reached, and who is told what."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from settings.addresses import (
    ALERTMANAGER_PATHS,
    BaseUrl,
    LinkTemplate,
    ServerUrl,
    encrypted,
    without_path,
)
from settings.types import Model, Once, broken_rule
from settings.words import Certificates, DnsLabel, HeaderName, Identifier, LabelName, Line, UserName

Entry = Literal["prometheus", "remote-write", "alertmanager", "slack-webhook", "pagerduty-key"]
"""A secret of the detector, by its key in the Secret that holds them all."""

WEBHOOKS: frozenset[Entry] = frozenset({"slack-webhook", "pagerduty-key"})
"""Those with which somebody outside the cluster is told."""

Severity = Literal["info", "warning", "critical"]

ALERTS_OWN = ("alertname", "environment", "key", "service", "signal")
"""Labels that the detector's alerts have by themselves."""


REQUESTS_OWN = frozenset(
    {"accept", "accept-encoding", "authorization", "connection", "content-encoding", "cookie"}
    | {"content-length", "content-type", "host", "transfer-encoding", "user-agent"}
)
"""Headers of a request that say what they say."""

TENANT_HEADER = "X-Scope-OrgID"
"""Of Mimir, and of those that do as it does."""


class Access(Model):
    """What a server asks for beside its address.

    Its secret is a Pulumi secret (`anomalyPrometheusSecret`, `anomalyRemoteWriteSecret`,
    `anomalyAlertmanagerSecret`): a password where there is a user name, a bearer token where not.
    """

    username: UserName | None = None
    """User name; null for a bearer token, or for a server that asks for nothing."""

    tenant: Identifier | None = Field(None, max_length=150)
    """Whose data, for servers with several tenants: Mimir, Thanos, VictoriaMetrics' gateways."""

    tenant_header: HeaderName = TENANT_HEADER
    """The header that names the tenant; Thanos' own is `THANOS-TENANT`."""

    authority: Certificates | None = None
    """Certificates that the server's is signed by, in place of the public ones. Verification
    cannot be turned off."""

    @field_validator("tenant_header")
    @classmethod
    def _header_is_free(cls, name: str) -> str:
        if name.lower() in REQUESTS_OWN:
            raise ValueError("is a header that each request has already, for something else")
        return name

    @model_validator(mode="after")
    def _header_names_somebody(self) -> "Access":
        if self.tenant_header != TENANT_HEADER and self.tenant is None:
            raise broken_rule("goes with tenant, and only with it", "tenantHeader")
        return self


class Server(Model):
    """A server that results go to."""

    url: ServerUrl
    """Its address."""

    namespace: DnsLabel | None = "monitoring"
    """Namespace of its pods, to which the network policy opens the way; null when it is outside
    the cluster, which opens the way to its port anywhere."""

    access: Access = Access()
    """What it asks for."""

    @model_validator(mode="after")
    def _verifiable(self) -> "Server":
        check_authority(self.url, self.access, "access")
        return self


class Receiver(Server):
    """A receiver of series; its URL is the whole address."""

    @field_validator("url")
    @classmethod
    def _whole(cls, url: str) -> str:
        path = urlsplit(url).path.rstrip("/")
        if not path or path.endswith(("/query", "/query_range", "/graph", "/read")):
            raise ValueError(
                "is not the address of a receiver; Prometheus and VictoriaMetrics have "
                "/api/v1/write, Mimir /api/v1/push, Thanos /api/v1/receive"
            )
        return url


class Alertmanager(Server):
    """Alertmanager; its URL ends before `/api/v2/alerts`."""

    replicas: Annotated[tuple[ServerUrl, ...], Once] = ()
    """URLs of further instances of the same cluster, in the same namespace; they do not pass alerts
    on to each other, so each is told."""

    @field_validator("url", "replicas")
    @classmethod
    def _bases(cls, given: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for url in (given,) if isinstance(given, str) else given:
            without_path(url, *ALERTMANAGER_PATHS)
        return given

    labels: dict[LabelName, Line] = {"severity": "warning"}
    """Labels that every alert gets, for routing; what it is called and about it says itself. The
    severity of the moment is an annotation."""

    minimum_severity: Severity = "info"
    """The least that is told."""

    @model_validator(mode="after")
    def _alerts_keep_their_names(self) -> "Alertmanager":
        for name in self.labels:
            if name in ALERTS_OWN:
                raise broken_rule("is what the alert says itself", "labels", name)
        return self

    @model_validator(mode="after")
    def _instances_differ(self) -> "Alertmanager":
        for index, url in enumerate(self.replicas):
            if url.rstrip("/") == self.url.rstrip("/"):
                raise broken_rule("is url already, and would be told twice", "replicas", index)
        return self


class Slack(Model):
    """Messages to one channel, by an incoming webhook (the Pulumi secret `anomalySlackWebhook`)."""

    minimum_severity: Severity = "warning"
    """The least that is told."""


class PagerDuty(Model):
    """Incidents of one service of PagerDuty, by Events v2 (`anomalyPagerdutyKey`)."""

    minimum_severity: Severity = "critical"
    """The least that is told; an anomaly alone is rarely worth waking anybody."""

    url: BaseUrl = "https://events.pagerduty.com/v2/enqueue"
    """Where events go; `https://events.eu.pagerduty.com/v2/enqueue` in Europe."""

    @field_validator("url")
    @classmethod
    def _events(cls, url: str) -> str:
        if not urlsplit(url).path.strip("/"):
            raise ValueError("has no path; PagerDuty takes events at /v2/enqueue")
        return encrypted(url)


class Results(Model):
    """Where findings go. With nothing set, the run's report in the pod's log is all there is."""

    remote_write: Receiver | None = None
    """Server that takes scores and bands as series; its URL is the whole address, such as
    `http://prometheus.monitoring.svc.cluster.local:9090/api/v1/write`. Prometheus takes them when
    it runs with `--web.enable-remote-write-receiver`."""

    alertmanager: Alertmanager | None = None
    """Alertmanager, which groups, silences and routes alerts: the best way to people."""

    slack: Slack | None = None
    """Slack without an Alertmanager; on as soon as its secret is there."""

    pagerduty: PagerDuty | None = None
    """PagerDuty without an Alertmanager; on as soon as its secret is there."""

    dashboard: LinkTemplate | None = None
    """Where to look closer."""

    runbook: LinkTemplate | None = None
    """What to do."""


class ExistingSecret(Model):
    """A Secret that somebody else makes, in place of the one that the stack makes."""

    name: DnsLabel
    """Its name, in the detector's namespace."""

    entries: Annotated[tuple[Entry, ...], Once] = Field(min_length=1)
    """What it holds, under these keys."""


def check_authority(url: str, access: Access, *key: str) -> None:
    """Certificates are of use to https only.

    Raises:
        PydanticCustomError: when there are some for a server without TLS; `key` is where.
    """
    if access.authority and not url.startswith("https://"):
        raise broken_rule(
            "is given for a server without TLS; its URL is http://", *key, "authority"
        )
