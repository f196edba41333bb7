"""The detector's configuration file: what it reads, how it judges, whom it tells.

What the environment variables of the pod say is not repeated here. Secrets are named by the files
that they are mounted as.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from components.anomaly_signals import masks, signals
from settings.anomaly import Anomaly
from settings.catalogue import Service
from settings.results import Access, Entry, PagerDuty, Results, Server, Slack

SECRETS_FOLDER = "/secrets"
STATE_FOLDER = "/state"
CONFIGURATION_FILE, CONFIGURATION_FOLDER = "anomaly.json", "/config"

QUERY_TIMEOUT_SECONDS = 30
"""Limit for one query; also what Prometheus is told, so that it does not work for nobody."""


def configuration(
    settings: Anomaly,
    services: Sequence[Service],
    *,
    environment: str,
    entries: Collection[Entry] = (),
) -> dict[str, str]:
    """The files of the ConfigMap: the configuration, and certificates that it names.

    Args:
        settings: the detector's area.
        services: the catalogue.
        environment: name of the stack's environment; stacks share channels.
        entries: the secrets that there are.
    """
    alerting, access = settings.alerting, settings.prometheus_access
    rate = alerting.false_discovery_rate
    document = {
        "environment": environment,
        "lookback_seconds": int(settings.lookback.total_seconds()),
        "step_seconds": int(settings.step.total_seconds()),
        "prometheus": {
            "timeout_seconds": QUERY_TIMEOUT_SECONDS,
            **_access("prometheus", access, entries),
        },
        "detector": {
            "method": settings.method,
            "time_zone": settings.timezone,
            "recovery_points": alerting.recovery_points,
            # So that the points decide, however long a step is.
            "recovery_seconds": alerting.recovery_points * int(settings.step.total_seconds()),
        },
        "signals": signals(settings.signals, services),
        "alerting": {
            "false_discovery": None if rate is None else {"rate": rate},
            "prominent_score": alerting.prominent_score,
            "persistent_points": alerting.persistent_points,
            "critical_score": alerting.critical_score,
            "group_gap_seconds": alerting.group_gap.total_seconds(),
        },
        "masks": masks(settings),
        "results": _results(settings.results, entries),
        "state": {"folder": STATE_FOLDER} if keeps_state(settings) else {},
    }
    text = json.dumps(document, indent=2, sort_keys=True) + "\n"
    accesses: dict[Entry, Access] = {"prometheus": access}
    for entry, server in _servers(settings.results).items():
        accesses[entry] = server.access
    certificates = {
        _certificates(entry): given.authority
        for entry, given in accesses.items()
        if given.authority
    }
    return {CONFIGURATION_FILE: text, **certificates}


def keeps_state(settings: Anomaly) -> bool:
    """Whether a run leaves something for the next: on a volume, or in a pod that stays."""
    return settings.state is not None or settings.mode == "deployment"


def _servers(results: Results) -> dict[Entry, Server]:
    """The servers that results go to, by the entry of their secret."""
    given: dict[Entry, Server | None] = {
        "remote-write": results.remote_write,
        "alertmanager": results.alertmanager,
    }
    return {entry: server for entry, server in given.items() if server is not None}


def _results(results: Results, entries: Collection[Entry]) -> Mapping[str, Any]:
    document: dict[str, Any] = {
        entry.replace("-", "_"): {"url": server.url, **_access(entry, server.access, entries)}
        for entry, server in _servers(results).items()
    }
    if results.alertmanager:
        document["alertmanager"] |= {
            "replicas": results.alertmanager.replicas,
            "labels": results.alertmanager.labels,
            "min_severity": results.alertmanager.minimum_severity,
        }
    if "slack-webhook" in entries:
        slack = results.slack or Slack()
        document["slack"] = {
            "webhook": _secret("slack-webhook"),
            "min_severity": slack.minimum_severity,
        }
    if "pagerduty-key" in entries:
        pagerduty = results.pagerduty or PagerDuty()
        document["pagerduty"] = {
            "routing_key": _secret("pagerduty-key"),
            "min_severity": pagerduty.minimum_severity,
            "url": pagerduty.url,
        }
    links = {"dashboard_url": results.dashboard, "runbook_url": results.runbook}
    return document | {key: link for key, link in links.items() if link}


def _access(entry: Entry, access: Access, entries: Collection[Entry]) -> Mapping[str, Any]:
    document: dict[str, Any] = {}
    if access.tenant:
        document |= {"tenant": access.tenant, "tenant_header": access.tenant_header}
    if access.authority:
        document["ca_file"] = f"{CONFIGURATION_FOLDER}/{_certificates(entry)}"
    if entry in entries and access.username:
        document["basic_auth"] = {"username": access.username, "password": _secret(entry)}
    elif entry in entries:
        document["bearer_token"] = _secret(entry)
    return document


def _secret(entry: Entry) -> Mapping[str, str]:
    return {"file": f"{SECRETS_FOLDER}/{entry}"}


def _certificates(entry: Entry) -> str:
    """Name of the file with the certificates of a server."""
    return f"{entry}-ca.crt"
