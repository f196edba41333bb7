"""Questions to Prometheus, or to what speaks its query API."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from ops.errors import SourceError, UsageError

TIMEOUT_SECONDS = 10.0
"""A question of an operator's is small; a server that needs longer is not well."""

TOKEN_FILE = "PROMETHEUS_TOKEN_FILE"
"""Environment variable: file with a bearer token, for servers that want one."""

STEP_SECONDS = 15.0
MOST_POINTS = 1000

Sample = tuple[Mapping[str, str], float]
"""Labels of a series and its value."""


@dataclass(frozen=True)
class Series:
    """One series over a span of time."""

    labels: Mapping[str, str]
    """What tells it from the others."""

    points: tuple[tuple[float, float], ...]
    """Epoch seconds and value; what Prometheus leaves out is not there."""


def of_service(name: str, namespace: str) -> str:
    """What selects Istio's series about a service."""
    return f'destination_service_name="{name}", destination_service_namespace="{namespace}"'


class HttpSource:
    """A server that answers in JSON; Prometheus and Alertmanager alike."""

    def __init__(self, url: str) -> None:
        if not url.startswith(("http://", "https://")):
            raise UsageError("the address of a server begins with http:// or https://")
        parts = urlsplit(url)
        # A password in the address is used, and never shown.
        self.url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        self._session = requests.Session()
        if parts.username:
            self._session.auth = (unquote(parts.username), unquote(parts.password or ""))
        if token_file := os.environ.get(TOKEN_FILE):
            self._session.headers["Authorization"] = f"Bearer {_token(token_file)}"

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def get(self, path: str, parameters: Mapping[str, Any]) -> Any:
        """The JSON document of an answer.

        Raises:
            SourceError: when there is none.
        """
        where = self.url + path
        try:
            answer = self._session.get(where, params=parameters, timeout=TIMEOUT_SECONDS)
            document = answer.json()
        except requests.JSONDecodeError:
            raise SourceError(
                f"{where} answered {answer.status_code}, and not with JSON; is it the right server?"
            ) from None
        except requests.Timeout:
            raise SourceError(f"{self.url} gave no answer in {TIMEOUT_SECONDS:g} s") from None
        except requests.RequestException as error:
            raise SourceError(
                f"{self.url} cannot be reached ({type(error).__name__}); inside a cluster, "
                "kubectl port-forward brings it here"
            ) from None
        if answer.status_code != requests.codes.ok:
            said = document.get("error") if isinstance(document, dict) else document
            raise SourceError(f"{where} answered {answer.status_code}: {said or answer.reason}")
        return document


def given(prometheus: "Prometheus | None") -> "Prometheus":
    """The server, where one was given.

    Raises:
        SourceError: when none was, as if it did not answer.
    """
    if prometheus is None:
        raise SourceError("no Prometheus was given")
    return prometheus


class Prometheus(HttpSource):
    """A Prometheus server."""

    def query(self, query: str, at: datetime | None = None) -> list[Sample]:
        """Series and their values at one moment; NaN is left out.

        Raises:
            SourceError: when there is no such answer.
        """
        parameters = {"query": query} | ({"time": str(at.timestamp())} if at else {})
        found = []
        for labels, entry in self._ask("/api/v1/query", parameters, "vector"):
            value = float(entry["value"][1])
            if not math.isnan(value):
                found.append((labels, value))
        return found

    def query_range(self, query: str, start: datetime, end: datetime) -> list[Series]:
        """Series over a span of time, four points a minute where that is not too much; no NaN.

        Raises:
            SourceError: when there is no such answer.
        """
        parameters = {
            "query": query,
            "start": str(start.timestamp()),
            "end": str(end.timestamp()),
            "step": str(max(STEP_SECONDS, (end - start).total_seconds() / MOST_POINTS)),
        }
        return [
            Series(labels, tuple(_points(entry["values"])))
            for labels, entry in self._ask("/api/v1/query_range", parameters, "matrix")
        ]

    def _ask(
        self, path: str, parameters: Mapping[str, str], kind: str
    ) -> list[tuple[Mapping[str, str], Mapping[str, Any]]]:
        document = self.get(path, parameters)
        try:
            data = document["data"]
            if data["resultType"] != kind:
                raise SourceError(f"{self.url} answered with a {data['resultType']}, not a {kind}")
            return [(entry["metric"], entry) for entry in data["result"]]
        except (KeyError, TypeError) as error:
            raise SourceError(
                f"{self.url}{path} did not answer as Prometheus does ({type(error).__name__})"
            ) from None


def _points(values: list[list[Any]]) -> list[tuple[float, float]]:
    pairs = ((float(moment), float(value)) for moment, value in values)
    return [(moment, value) for moment, value in pairs if not math.isnan(value)]


def _token(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UsageError(
            f"{TOKEN_FILE} names {path}, which cannot be read: {error.strerror}"
        ) from None
