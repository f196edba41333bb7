"""Prometheus, as far as a verdict asks it: which critical alerts are watched, and which fire."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from delivery.errors import ClusterError
from promotion.papers import Alerts

SECONDS = 30
TOKEN_FILE_VARIABLE = "PROMETHEUS_TOKEN_FILE"
CRITICAL = "critical"
"""Value of the label `severity` that stops a promotion."""


@dataclass(frozen=True)
class Prometheus:
    """One Prometheus, or what speaks its API."""

    url: str
    """Its base URL."""

    def alerts(self) -> Alerts:
        """The critical alert rules, and which of them fire.

        Raises:
            ClusterError: when it does not answer, or not as its API promises.
        """
        groups = self._get("rules", type="alert")
        try:
            rules = [rule for group in groups["groups"] for rule in group["rules"]]
            critical = [
                rule for rule in rules if (rule.get("labels") or {}).get("severity") == CRITICAL
            ]
            firing = {str(rule["name"]) for rule in critical if rule["state"] == "firing"}
        except (KeyError, TypeError, AttributeError):
            raise ClusterError(f"{self.url} does not answer as Prometheus does") from None
        return Alerts(watched=len(critical), firing=tuple(sorted(firing)))

    def _get(self, path: str, **query: str) -> Any:
        headers = {}
        if token_file := os.environ.get(TOKEN_FILE_VARIABLE):
            headers["Authorization"] = f"Bearer {_text(token_file)}"
        try:
            answer = requests.get(
                f"{self.url.rstrip('/')}/api/v1/{path}",
                params=query,
                headers=headers,
                timeout=SECONDS,
            )
            content = answer.json()
        except requests.JSONDecodeError:
            raise ClusterError(f"{self.url} answers {answer.status_code} and no JSON") from None
        except requests.RequestException as error:
            raise ClusterError(f"{self.url} does not answer ({type(error).__name__})") from None
        if not isinstance(content, dict) or content.get("status") != "success":
            said = str(content.get("error", "")) if isinstance(content, dict) else ""
            raise ClusterError(f"{self.url} answers {answer.status_code}: {said[:200]}")
        return content["data"]


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ClusterError(f"{TOKEN_FILE_VARIABLE}: {error.strerror}: {path}") from None
