"""GitHub's REST API, as far as it is needed, with patience.

The token comes from the environment and goes into the `Authorization` header, nowhere else. What is
surely not done is tried again; a creation of which nobody knows whether it happened is the caller's
to look after (`UncertainError`).
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Literal

import requests
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_any
from tenacity.stop import stop_base

from ops.errors import GitHubError, UsageError

TOKEN_VARIABLE = "GITHUB_TOKEN"
URL_VARIABLE = "GITHUB_API_URL"
ATTEMPTS = 5
LONGEST_PAUSE = 120.0
"""Seconds; whoever is told to come back later than that gives up and says so."""

TIMEOUT_SECONDS = 30
PAGE = 100
MOST_PAGES = 100

Method = Literal["GET", "POST", "PATCH", "DELETE"]


class UncertainError(GitHubError):
    """A creation was sent and not answered; it may have happened."""


class _Bearer(AuthBase):
    """Signs requests; no `.netrc` takes its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def __repr__(self) -> str:
        return "_Bearer(...)"


@dataclass(frozen=True)
class GitHub:
    """The API of one repository."""

    repository: str
    """`owner/name`."""

    url: str
    """Base of the API."""

    session: requests.Session = field(repr=False)
    """Carries the token."""

    pause: Callable[[float], None] = time.sleep
    """Waits before another attempt."""

    @classmethod
    def from_environment(cls, repository: str) -> "GitHub":
        """The API as a workflow's environment describes it.

        Raises:
            UsageError: when there is no token, or the repository is none.
        """
        owner, _, name = repository.partition("/")
        if not owner or not name or "/" in name:
            raise UsageError(f"{repository!r} is no repository; write owner/name")
        token = os.environ.get(TOKEN_VARIABLE, "").strip()
        if not token:
            raise UsageError(f"{TOKEN_VARIABLE} is not set; it must hold a token for {repository}")
        session = requests.Session()
        session.auth = _Bearer(token)
        session.headers["Accept"] = "application/vnd.github+json"
        session.headers["X-GitHub-Api-Version"] = "2022-11-28"
        base = os.environ.get(URL_VARIABLE) or "https://api.github.com"
        return cls(repository, base.rstrip("/"), session)

    def get(self, path: str, **query: str) -> Any:
        """One answer."""
        return self._send("GET", path, query=query).json()

    def all(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """Every entry of a list, page by page."""
        for page in range(1, MOST_PAGES + 1):
            paging = {"per_page": str(PAGE), "page": str(page)}
            answer = self._send("GET", path, query={**query, **paging})
            yield from answer.json()
            if "next" not in answer.links:
                return
        raise GitHubError(f"{path} has more than {PAGE * MOST_PAGES} entries")

    def create(self, path: str, **content: Any) -> dict[str, Any]:
        """Make something.

        Raises:
            UncertainError: when it is not known whether it was made.
        """
        created: dict[str, Any] = self._send("POST", path, content=content).json()
        return created

    def change(self, path: str, **content: Any) -> dict[str, Any]:
        """Change something."""
        changed: dict[str, Any] = self._send("PATCH", path, content=content).json()
        return changed

    def delete(self, path: str) -> None:
        """Delete something; what is gone already is fine."""
        self._send("DELETE", path, fine=(HTTPStatus.NOT_FOUND,))

    def _send(
        self,
        method: Method,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        content: Mapping[str, Any] | None = None,
        fine: tuple[int, ...] = (),
    ) -> requests.Response:
        """Send a request, again and again while what is in the way may pass."""
        patience = Retrying(
            retry=retry_if_exception_type(_PassingError),
            wait=_wait,
            stop=stop_any(stop_after_attempt(ATTEMPTS), _TakesTooLong()),
            sleep=self.pause,
            reraise=True,
        )
        try:
            return patience(self._once, method, path, query, content, fine)
        except _PassingError as error:
            made = patience.statistics["attempt_number"]
            raise GitHubError(f"{error}; {made} attempts were made") from None

    def _once(
        self,
        method: Method,
        path: str,
        query: Mapping[str, str] | None,
        content: Mapping[str, Any] | None,
        fine: tuple[int, ...],
    ) -> requests.Response:
        what, url = f"{method} {path}", f"{self.url}/repos/{self.repository}/{path}"
        try:
            answer = self.session.request(
                method, url, params=query, json=content, timeout=TIMEOUT_SECONDS
            )
        except requests.RequestException as error:
            wrong = f"{what}: GitHub does not answer ({type(error).__name__})"
            is_sent = not isinstance(error, requests.ConnectTimeout)
            kind = UncertainError if method == "POST" and is_sent else _PassingError
            raise kind(wrong) from None
        if answer.ok or answer.status_code in fine:
            return answer
        wrong = f"{what}: GitHub says {answer.status_code}: {_message(answer)}"
        if (limit := _limit(answer)) is not None:
            raise _PassingError(wrong, limit)
        if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise GitHubError(f"{wrong}{_advice(answer)}")
        raise (UncertainError if method == "POST" else _PassingError)(wrong)


class _PassingError(GitHubError):
    """Something that is surely not done, and may be once what is in the way has passed."""

    def __init__(self, wrong: str, pause: float = 0.0) -> None:
        super().__init__(wrong)
        self.pause = pause
        """Seconds to stay away at least."""


def _wait(state: RetryCallState) -> float:
    """Longer each time, and as long as GitHub says."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.pause if isinstance(error, _PassingError) else 0.0
    return max(2.0 ** (state.attempt_number - 1), asked)


class _TakesTooLong(stop_base):
    """Whoever is told to come back much later gives up and says so."""

    def __call__(self, retry_state: RetryCallState) -> bool:
        return _wait(retry_state) > LONGEST_PAUSE


def _limit(answer: requests.Response) -> float | None:
    """How many seconds to stay away, when a limit has been reached; None when it has not."""
    limited = (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)
    if answer.status_code not in limited:
        return None
    headers = answer.headers
    if (after := headers.get("Retry-After", "")).isdigit():
        return float(after)
    if headers.get("X-RateLimit-Remaining") == "0":
        reset = headers.get("X-RateLimit-Reset", "")
        now = datetime.now(UTC).timestamp()
        return max(0.0, float(reset) - now) + 1 if reset.isdigit() else 60.0
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or "rate limit" in _message(answer):
        return 60.0
    return None


def _message(answer: requests.Response) -> str:
    try:
        content = answer.json()
    except ValueError:
        content = None
    said = content.get("message", "") if isinstance(content, dict) else ""
    return str(said)[:300] or str(answer.reason)


def _advice(answer: requests.Response) -> str:
    if answer.status_code == HTTPStatus.UNAUTHORIZED:
        return f"; {TOKEN_VARIABLE} is no valid token"
    if answer.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
        return "; the token needs pull-requests: write for comments, issues: write for issues"
    return ""
