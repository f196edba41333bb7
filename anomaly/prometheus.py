"""Reading series from Prometheus, or from what speaks its query API.

Answers come on one grid of steps; what Prometheus leaves out is NaN.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import requests
from numpy.typing import NDArray

from anomaly.errors import (
    MalformedAnswer,
    Overloaded,
    PrometheusError,
    QueryRefused,
    Unreachable,
)
from anomaly.windows import Matrix

MOST_STEPS = 10_000
"""Steps of one query; Prometheus refuses more than 11,000."""

ATTEMPTS = 3
"""How often a question is asked when there is no answer or the server is overloaded."""

PAUSE_SECONDS = 1.0
"""Pause before the second attempt; doubled for each further one, with jitter."""

TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500


@dataclass(frozen=True)
class SeriesMatrix:
    """Series on one grid of steps."""

    timestamps: NDArray[np.float64]
    """Epoch seconds of the steps, multiples of the step."""

    values: Matrix
    """(series, time); NaN where there is no value."""

    labels: tuple[Mapping[str, str], ...]
    """What tells each series from the others."""

    warnings: tuple[str, ...]
    """What the server has to say, for example that the answer is not complete."""


class Prometheus:
    """A Prometheus server."""

    def __init__(self, url: str, *, timeout_seconds: float = 30.0) -> None:
        self._url = f"{url.rstrip('/')}/api/v1/query_range"
        self._timeout = timeout_seconds
        self._session = requests.Session()
        self._jitter = Random()  # noqa: S311 - spreads load, guards nothing

    def query_range(self, query: str, *, start: float, end: float, step: int) -> SeriesMatrix:
        """Ask for a range of time, in as many questions as it takes.

        Args:
            query: PromQL.
            start: epoch seconds of the first step; rounded down to a multiple of `step`.
            end: epoch seconds of the last step; rounded down likewise.
            step: seconds.

        Raises:
            PrometheusError: of the kind that says what is the matter.
        """
        first, last = int(start // step), int(end // step)
        rows: dict[tuple[tuple[str, str], ...], Matrix] = {}
        warnings: list[str] = []
        for begin in range(first, last + 1, MOST_STEPS):
            stop = min(begin + MOST_STEPS - 1, last)
            data = self._ask(query, begin * step, stop * step, step)
            warnings += data.get("warnings", ())
            _place(data, rows, first, last - first + 1, step)
        keys = sorted(rows)
        values = np.array([rows[key] for key in keys]).reshape(len(keys), last - first + 1)
        timestamps = np.arange(first, last + 1, dtype=np.float64) * step
        labels = tuple(dict(key) for key in keys)
        return SeriesMatrix(timestamps, values, labels, tuple(dict.fromkeys(warnings)))

    def _ask(self, query: str, start: int, end: int, step: int) -> dict[str, Any]:
        form = {
            "query": query,
            "start": str(start),
            "end": str(end),
            "step": str(step),
            # The server gives up first, so that it does not work for nobody.
            "timeout": f"{self._timeout * 0.9:.3f}s",
        }
        attempt = 1
        while True:
            try:
                return self._ask_once(form)
            except (Unreachable, Overloaded):
                if attempt == ATTEMPTS:
                    raise
            time.sleep(PAUSE_SECONDS * 2 ** (attempt - 1) * self._jitter.uniform(0.5, 1.5))
            attempt += 1

    def _ask_once(self, form: Mapping[str, str]) -> dict[str, Any]:
        try:
            response = self._session.post(self._url, data=form, timeout=self._timeout)
        except requests.Timeout:
            raise Unreachable(f"{self._url} gave no answer in {self._timeout:g} s") from None
        except requests.RequestException as error:
            cause = type(error).__name__
            raise Unreachable(f"{self._url} cannot be reached ({cause})") from None
        try:
            answer = response.json()
        except requests.JSONDecodeError:
            answer = None
        if response.status_code != requests.codes.ok:
            raise _refusal(self._url, response, answer)
        if not isinstance(answer, dict) or answer.get("status") != "success":
            raise MalformedAnswer(f"{self._url} did not answer with a JSON object of its API")
        return answer


def _refusal(url: str, response: requests.Response, answer: object) -> PrometheusError:
    said = answer.get("error") if isinstance(answer, dict) else None
    text = f"{url} answered {response.status_code}: {said or response.reason}"
    code = response.status_code
    overloaded = code == TOO_MANY_REQUESTS or code >= SERVER_ERROR
    return Overloaded(text) if overloaded else QueryRefused(text)


def _place(
    answer: Mapping[str, Any],
    rows: dict[tuple[tuple[str, str], ...], Matrix],
    first: int,
    length: int,
    step: int,
) -> None:
    """Put the series of an answer where they belong on the grid."""
    try:
        for series in answer["data"]["result"]:
            key = tuple(sorted((str(k), str(v)) for k, v in series["metric"].items()))
            row = rows.setdefault(key, np.full(length, np.nan))
            samples = np.array(series["values"], dtype=np.float64).reshape(-1, 2)
            place = np.rint(samples[:, 0] / step).astype(np.int64) - first
            inside = (place >= 0) & (place < length)
            row[place[inside]] = samples[inside, 1]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedAnswer(
            f"the answer is not a matrix of series ({type(error).__name__}: {error})"
        ) from None
