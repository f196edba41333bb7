"""Which alerts fire now: from Alertmanager, which knows silences, or else from Prometheus."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import AwareDatetime

from ops.cluster.objects import parse_time
from ops.documents import Document, Part
from ops.errors import SourceError
from ops.prometheus import HttpSource, Prometheus, Sample
from vocabulary import metrics as m

Severity = Literal["critical", "warning", "info", "none"]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "info", "none")
CRITICAL: Severity = "critical"
FIRING = f'{m.ALERTS}{{alertstate="firing"}}'
SINCE = "ALERTS_FOR_STATE"
_NO_IDENTITY = {"__name__", "alertstate", "alertname", "severity"}


class FiringAlert(Part):
    """One alert that fires."""

    name: str
    """Its name."""

    severity: Severity
    """How urgent; `none` for what only shows that alerting works."""

    labels: dict[str, str]
    """What it is about."""

    since: AwareDatetime | None
    """Since when; null when that is not known."""

    summary: str = ""
    """One sentence."""

    runbook: str = ""
    """Where it says what to do."""


class Alerts(Document):
    """The alerts that fire now, neither silenced nor inhibited where Alertmanager was asked."""

    document: Literal["alerts/1"] = "alerts/1"
    """Name and version of this document."""

    well: bool
    """Whether none of them is critical or a warning."""

    source: str
    """Who was asked."""

    alerts: tuple[FiringAlert, ...]
    """The alerts, the most urgent first."""

    @property
    def urgent(self) -> list[FiringAlert]:
        """Those that somebody has to look at."""
        return [each for each in self.alerts if each.severity in ("critical", "warning")]


class Alertmanager(HttpSource):
    """An Alertmanager."""

    def firing(self) -> list[FiringAlert]:
        """The alerts that it tells people of.

        Raises:
            SourceError: when it does not answer as an Alertmanager does.
        """
        wanted = {"active": "true", "silenced": "false", "inhibited": "false"}
        document = self.get("/api/v2/alerts", wanted)
        try:
            return [_alert(each["labels"], each) for each in document]
        except (KeyError, TypeError, AttributeError) as error:
            raise SourceError(
                f"{self.url} did not answer as Alertmanager does ({type(error).__name__})"
            ) from None


@dataclass(frozen=True)
class Watched:
    """The critical alert rules of a Prometheus."""

    rules: int
    """How many there are; without any, silence means nothing."""

    firing: frozenset[str]
    """Names of those that fire."""


def critical(prometheus: Prometheus) -> Watched:
    """Which critical alerts are defined, and which of them fire.

    Raises:
        SourceError: when there is no such answer.
    """
    document = prometheus.get("/api/v1/rules", {"type": "alert"})
    try:
        rules = [rule for group in document["data"]["groups"] for rule in group["rules"]]
        watched = [rule for rule in rules if (rule.get("labels") or {}).get("severity") == CRITICAL]
        firing = frozenset(str(rule["name"]) for rule in watched if rule["state"] == "firing")
    except (KeyError, TypeError, AttributeError):
        raise SourceError(f"{prometheus.url} does not answer as Prometheus does") from None
    return Watched(len(watched), firing)


def get_alerts(
    prometheus: Prometheus | None = None, alertmanager: Alertmanager | None = None
) -> Alerts | None:
    """Ask which alerts fire; None when there is nobody to ask.

    Raises:
        SourceError: when there is no answer.
    """
    if alertmanager:
        return _sorted(alertmanager.firing(), alertmanager.url)
    if prometheus:
        started = {_identity(labels): value for labels, value in prometheus.query(SINCE)}
        firing = prometheus.query(FIRING)
        return _sorted(from_series(firing, started), prometheus.url)
    return None


def from_series(
    firing: Iterable[Sample], started: Mapping[frozenset[tuple[str, str]], float]
) -> Iterable[FiringAlert]:
    """The alerts of the series that Prometheus writes of its own."""
    for labels, _ in firing:
        since = started.get(_identity(labels))
        moment = datetime.fromtimestamp(since, UTC) if since else None
        found = _alert(labels, {})
        yield found.model_copy(update={"since": moment})


def _alert(labels: Mapping[str, str], told: Mapping[str, Any]) -> FiringAlert:
    notes = told.get("annotations") or {}
    said = labels.get("severity", "none")
    return FiringAlert(
        name=labels.get("alertname", ""),
        # An unknown severity is somebody's; better looked at than overlooked.
        severity=next((each for each in SEVERITIES if each == said), "warning"),
        labels={key: value for key, value in labels.items() if key not in _NO_IDENTITY},
        since=parse_time(told.get("startsAt")),
        summary=notes.get("summary", ""),
        runbook=notes.get("runbook_url", ""),
    )


def _sorted(alerts: Iterable[FiringAlert], source: str) -> Alerts:
    found = sorted(alerts, key=lambda each: (SEVERITIES.index(each.severity), each.name))
    urgent = any(each.severity in ("critical", "warning") for each in found)
    return Alerts(well=not urgent, source=source, alerts=tuple(found))


def _identity(labels: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (key, value) for key, value in labels.items() if key not in ("__name__", "alertstate")
    )
