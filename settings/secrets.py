"""Configuration values that are always secrets: what each looks like, and who needs it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from settings.anomaly import Anomaly
from settings.problems import EDIT, REMOVE, SET_SECRET, Problem
from settings.results import WEBHOOKS, Entry
from vocabulary.disclosure import found

SLACK_TOKEN = "slackToken"


@dataclass(frozen=True)
class Secret:
    """A kind of secret."""

    where: str
    """The setting that it belongs to."""

    noun: str
    """What it is, with its article."""

    check: Callable[[str], bool]
    """Whether a text is one."""

    otherwise: str = "is empty or has blanks in it"
    """What is wrong with one that is none."""


def _is_token(text: str) -> bool:
    return bool(text) and not re.search(r"\s", text)


def _is_webhook(text: str) -> bool:
    return _is_token(text) and text.startswith("https://") and len(urlsplit(text).path) > 1


_is_routing_key = re.compile(r"[0-9A-Za-z]{32}").fullmatch
_PASSWORD = "a password or bearer token, on one line"

DETECTOR: Mapping[str, Entry] = {
    "anomalyPrometheusSecret": "prometheus",
    "anomalyRemoteWriteSecret": "remote-write",
    "anomalyAlertmanagerSecret": "alertmanager",
    "anomalySlackWebhook": "slack-webhook",
    "anomalyPagerdutyKey": "pagerduty-key",
}
"""Secrets of the detector, and under which key its Secret holds them."""

SECRETS: Mapping[str, Secret] = {
    SLACK_TOKEN: Secret("gitops.slack", "a bot token of Slack", _is_token),
    "anomalyPrometheusSecret": Secret("anomaly.prometheusAccess", _PASSWORD, _is_token),
    "anomalyRemoteWriteSecret": Secret("anomaly.results.remoteWrite", _PASSWORD, _is_token),
    "anomalyAlertmanagerSecret": Secret("anomaly.results.alertmanager", _PASSWORD, _is_token),
    "anomalySlackWebhook": Secret(
        "anomaly.results.slack",
        "the https:// URL of an incoming webhook",
        _is_webhook,
        "is no https:// URL with a path",
    ),
    "anomalyPagerdutyKey": Secret(
        "anomaly.results.pagerduty",
        "an integration key of Events v2",
        lambda text: _is_routing_key(text) is not None,
        "is not 32 letters and digits",
    ),
}
"""Every secret that a stack may have, by its key."""


def check_secrets(raw: Mapping[str, str], secrets: AbstractSet[str]) -> Iterator[Problem]:
    """Secrets are kept as such and look like what they are."""
    for key, secret in SECRETS.items():
        if key in raw and key not in secrets:
            yield Problem((key,), "is stored in plain text", "a secret", remedy=SET_SECRET)
        elif key in raw and not secret.check(raw[key]):
            yield Problem((key,), secret.otherwise, secret.noun, remedy=SET_SECRET)


def check_plain_text(raw: Mapping[str, str], hidden: AbstractSet[str]) -> Iterator[Problem]:
    """Nothing that looks like a secret stands in the open, wherever that is."""
    for key in raw.keys() - hidden - SECRETS.keys():
        try:
            tree = json.loads(raw[key])
        except ValueError:
            continue
        for steps, what in found(tree):
            yield Problem(
                (key, *steps),
                f"holds a secret in plain text ({what}), for everybody who reads the repository",
                f"the name of a Secret, or one of {', '.join(SECRETS)} kept encrypted",
                remedy=EDIT,
            )


def check_detector_secrets(anomaly: Anomaly, given: AbstractSet[str]) -> Iterator[Problem]:
    """The detector has the secrets that it needs, from one place, and no others.

    Args:
        anomaly: the detector's area.
        given: keys of the secrets that the stack has.
    """
    existing = anomaly.existing_secret
    held = set(existing.entries) if existing else {DETECTOR[key] for key in given & set(DETECTOR)}
    for key, entry in DETECTOR.items():
        secret, use = SECRETS[key], _use(anomaly, entry)
        path = ("anomaly", "existingSecret", "entries") if existing else (key,)
        if existing and key in given:
            what = "is set, and so is anomaly.existingSecret"
            yield Problem((key,), what, "one of the two", remedy=REMOVE)
        elif entry in held and use is None:
            what = f"holds {entry}, which nothing uses" if existing else "is used by nothing"
            yield Problem(path, what, f"{secret.where}, or no such secret", remedy=REMOVE)
        elif use == "needs it" and entry not in held:
            what = f"lacks {entry}" if existing else "is missing"
            remedy = EDIT if existing else SET_SECRET
            yield Problem(path, f"{what}; {secret.where} needs it", secret.noun, remedy=remedy)


def check_detector_memory(anomaly: Anomaly, given: AbstractSet[str]) -> Iterator[Problem]:
    """Where nobody remembers what Slack and PagerDuty were told, they are not told at all.

    Args:
        anomaly: the detector's area.
        given: keys of the secrets that the stack has.
    """
    existing = anomaly.existing_secret
    held = set(existing.entries) if existing else {DETECTOR[key] for key in given & set(DETECTOR)}
    if WEBHOOKS & held and not (anomaly.state or anomaly.results.remote_write):
        told = " and ".join(sorted(WEBHOOKS & held))
        yield Problem(
            ("anomaly", "state"),
            f"is null, so nobody remembers what was told with {told}: alerts would be lost or told "
            "again and again",
            "a volume, or null with results.remoteWrite",
            remedy=EDIT,
        )


def _use(anomaly: Anomaly, entry: Entry) -> Literal["needs it", "takes it"] | None:
    """What the settings that a secret belongs to do with it; None when they are not there."""
    results = anomaly.results
    match entry:
        case "slack-webhook":
            needed = results.slack is not None
        case "pagerduty-key":
            needed = results.pagerduty is not None
        case "prometheus":
            needed = anomaly.prometheus_access.username is not None
        case "remote-write" | "alertmanager":
            server = results.remote_write if entry == "remote-write" else results.alertmanager
            if server is None:
                return None
            needed = server.access.username is not None
    return "needs it" if needed else "takes it"
