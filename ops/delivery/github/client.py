"""GitHub's REST API, as far as it is needed, with patience.

The token comes from the environment and goes into the `Authorization` header, nowhere else. What is
surely not done is tried again; a creation of which nobody knows whether it happened is the caller's
to look after (`UncertainError`).
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

import requests
from requests.auth import AuthBase
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from ops.errors import GitHubError, UsageError

TOKEN_VARIABLE = "GITHUB_TOKEN"
URL_VARIABLE = "GITHUB_API_URL"
AUTHOR = "github-actions[bot]"
"""Who writes with the token that workflows get."""

ATTEMPTS = 5
LONGEST_PAUSE = 120.0
"""Seconds; whoever is told to come back later than that gives up and says so."""

UNSAID_PAUSE = 60.0
"""Seconds, where a limit was reached and GitHub does not say for how long."""

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

    author: str = AUTHOR
    """Whose comments and issues are ours."""

    pause: Callable[[float], None] = time.sleep
    """Waits before another attempt."""

    @classmethod
    def from_environment(cls, repository: str, author: str = AUTHOR) -> "GitHub":
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
        return cls(repository, base.rstrip("/"), session, author)

    def all(self, path: str, **query: str) -> Iterator[dict[str, Any]]:
        """Every entry of a list, page by page."""
        for page in range(1, MOST_PAGES + 1):
            paging = {"per_page": str(PAGE), "page": str(page)}
            answer = self._send("GET", path, params={**query, **paging})
            yield from answer.json()
            if "next" not in answer.links:
                return
        raise GitHubError(f"{path} has more than {PAGE * MOST_PAGES} entries")

    def create(self, path: str, **content: Any) -> dict[str, Any]:
        """Make something.

        Raises:
            UncertainError: when it is not known whether it was made.
        """
        created: dict[str, Any] = self._send("POST", path, json=content).json()
        return created

    def change(self, path: str, **content: Any) -> dict[str, Any]:
        """Change something."""
        changed: dict[str, Any] = self._send("PATCH", path, json=content).json()
        return changed

    def delete(self, path: str) -> None:
        """Delete something; what is gone already is fine."""
        self._send("DELETE", path)

    def _send(self, method: Method, path: str, **sent: Any) -> requests.Response:
        """Send a request, again and again while what is in the way may pass."""
        patience = Retrying(
            retry=retry_if_exception_type(_PassingError),
            wait=_wait,
            stop=lambda state: state.attempt_number >= ATTEMPTS or _wait(state) > LONGEST_PAUSE,
            sleep=self.pause,
            reraise=True,
        )
        try:
            return patience(self._once, method, path, sent)
        except _PassingError as error:
            made = patience.statistics["attempt_number"]
            raise GitHubError(f"{error}; {made} attempts were made") from None

    def _once(self, method: Method, path: str, sent: Mapping[str, Any]) -> requests.Response:
        what, url = f"{method} {path}", f"{self.url}/repos/{self.repository}/{path}"
        unsure = UncertainError if method == "POST" else _PassingError
        try:
            answer = self.session.request(method, url, timeout=TIMEOUT_SECONDS, **sent)
        except requests.RequestException as error:
            is_sent = not isinstance(error, requests.ConnectTimeout)
            kind = unsure if is_sent else _PassingError
            raise kind(f"{what}: GitHub does not answer ({type(error).__name__})") from None
        if answer.ok or (method == "DELETE" and answer.status_code == HTTPStatus.NOT_FOUND):
            return answer
        wrong = f"{what}: GitHub says {answer.status_code}: {_message(answer)}"
        if (limit := _limit(answer)) is not None:
            raise _PassingError(wrong, limit)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise unsure(wrong)
        raise GitHubError(f"{wrong}{_ADVICE.get(answer.status_code, '')}")


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


def _limit(answer: requests.Response) -> float | None:
    """How many seconds to stay away, when a limit has been reached; None when it has not."""
    if answer.status_code not in (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS):
        return None
    headers = answer.headers
    if (after := headers.get("Retry-After", "")).isdigit():
        return float(after)
    reset = headers.get("X-RateLimit-Reset", "")
    if headers.get("X-RateLimit-Remaining") == "0" and reset.isdigit():
        return max(0.0, float(reset) - time.time()) + 1
    is_busy = answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
    return UNSAID_PAUSE if is_busy or "rate limit" in _message(answer) else None


def _message(answer: requests.Response) -> str:
    try:
        said = answer.json()["message"]
    except (ValueError, KeyError, TypeError):
        said = ""
    return str(said)[:300] or str(answer.reason)


_RIGHTS = "; the token needs pull-requests: write for comments, issues: write for issues"
_ADVICE: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: f"; {TOKEN_VARIABLE} is no valid token",
    HTTPStatus.FORBIDDEN: _RIGHTS,
    HTTPStatus.NOT_FOUND: _RIGHTS,
}
