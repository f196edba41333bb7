"""One server, asked over HTTP: in bounded time, with bounded answers, again only where it may help.

No error that leaves here holds a secret, nor the request that held one.
"""

import logging
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from random import Random
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.util import Timeout

from anomaly.config.endpoint import Endpoint, HttpSettings
from anomaly.errors import (
    AnswerTooLarge,
    Overloaded,
    Refused,
    ServerError,
    SettingsError,
    Unreachable,
)
from anomaly.transport.session import (
    ahead,
    cause,
    is_overload,
    is_redirect,
    never_sent,
    open_session,
    redirect_target,
    retry_after,
    words,
)

# Its debug lines print whole paths, and the path of a Slack webhook is a secret.
logging.getLogger("urllib3").setLevel(logging.INFO)

PAUSE_SECONDS = 1.0
"""Pause before the second attempt; doubled for each further one, with jitter."""

MOST_PAUSE_SECONDS = 60.0
"""Longest pause; a server that asks for a longer one is not asked again."""

CONNECT_SECONDS = 10.0
"""Longest wait for a connection."""

UNTOUCHED = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
"""Answers of a server that has not begun with what was sent."""

CHUNK = 256 * 1024
MOST_SAID = 64 * 1024
"""Bytes that are read of an answer whose content matters to people only."""


@dataclass(frozen=True)
class Request:
    """What is sent; always by POST."""

    body: bytes | Mapping[str, str]
    """Bytes, or the fields of a form."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """Beside those of the session."""

    path: str = ""
    """Behind the server's address."""

    repeatable: bool = True
    """Whether it does no harm twice. If not, it is sent again only where it cannot have arrived."""


class _FailedError(Exception):
    """An attempt that failed; never leaves this module."""

    def __init__(
        self, error: ServerError, *, again: bool = True, after: float | None = None
    ) -> None:
        super().__init__()
        self.error = error
        self.again = again
        """Whether another attempt may help."""
        self.after = after
        """How long the server asks to wait before it."""


class Client:
    """Talks to one server."""

    def __init__(
        self,
        settings: HttpSettings,
        url: str | SecretStr,
        *,
        name: str | None = None,
        hidden: Sequence[SecretStr] = (),
        most_bytes: int = MOST_SAID,
    ) -> None:
        """Open a session; nothing is sent yet.

        Args:
            settings: credentials, TLS, patience.
            url: address; when it is a secret, `name` must be given.
            name: what to call the server in errors; its address by default.
            hidden: what must not be shown even when the server repeats it, beside credentials.
            most_bytes: longest answer that is taken.
        """
        plain = url.get_secret_value() if isinstance(url, SecretStr) else url
        self._url = plain.rstrip("/")
        self._hidden = [secret.get_secret_value() for secret in hidden]
        if isinstance(url, SecretStr):
            self._hidden += [self._url, urlsplit(self._url).path.strip("/")]
        self._name = name or self._url
        self._settings = settings
        self._most_bytes = most_bytes
        self._session = open_session(settings, self._url)
        self._jitter = Random()  # noqa: S311 - spreads load, guards nothing
        self.requests = 0
        """Requests so far, repeated ones too."""
        self.received_bytes = 0
        """Length of the answers so far, decompressed."""
        self.ahead_seconds = 0.0
        """How far this machine's clock is ahead of the server's, by its last answer."""

    def exchange(
        self, request: Request, *, deadline: float = math.inf, wanted: bool = True
    ) -> bytearray:
        """Send a request and read the answer; both again where that may help.

        Args:
            request: what to send.
            deadline: moment of the monotonic clock at which attempts end and none begins.
            wanted: whether the answer says more than its status. If not, what was taken is
                delivered however the answer ends.

        Raises:
            ServerError: of the kind that says what is the matter.
        """
        attempt = 1
        while True:
            try:
                return self._attempt(request, deadline, wanted=wanted)
            except _FailedError as failed:
                failure = failed
            pause = PAUSE_SECONDS * 2 ** (attempt - 1) * self._jitter.uniform(0.5, 1.5)
            pause = min(pause, MOST_PAUSE_SECONDS) if failure.after is None else failure.after
            late = pause > MOST_PAUSE_SECONDS or monotonic() + pause >= deadline
            if not failure.again or attempt == self._settings.attempts or late:
                # Not from within `except`: what requests raised holds the request and its secrets.
                raise failure.error
            sleep(pause)
            attempt += 1

    def _attempt(self, request: Request, deadline: float, *, wanted: bool) -> bytearray:
        patience = max(0.001, min(self._settings.timeout_seconds, deadline - monotonic()))
        self.requests += 1
        with self._open(request, patience) as response:
            self.ahead_seconds = ahead(response.headers.get("Date"), datetime.now(UTC))
            if not response.ok or is_redirect(response.status_code):
                raise self._refusal(request, response, patience)
            return self._body(response, patience, self._most_bytes, whole=wanted)

    def _open(self, request: Request, patience: float) -> requests.Response:
        try:
            return self._session.post(
                f"{self._url}{request.path}",
                data=request.body,
                headers=request.headers,
                # Of the whole attempt; the session sees to it that the answer keeps to it too.
                timeout=_timeout(patience),
                stream=True,
                # A redirect would take credentials along, and turn the POST into a GET.
                allow_redirects=False,
            )
        except requests.ConnectTimeout:
            raise self._unreachable(f"cannot be reached in {patience:g} s") from None
        except requests.Timeout:
            text = f"gave no answer in {patience:g} s"
            raise self._unreachable(text, again=request.repeatable) from None
        except requests.RequestException as error:
            again = isinstance(error, requests.ConnectionError) and not isinstance(
                error, requests.exceptions.SSLError
            )
            again = again and (request.repeatable or never_sent(error))
            raise self._unreachable(f"cannot be reached ({cause(error)})", again=again) from None
        except (HTTPError, ValueError) as error:  # what requests lets through as it is
            raise self._unreachable(f"cannot be asked ({cause(error)})", again=False) from None

    def _body(
        self, response: requests.Response, patience: float, most: int, *, whole: bool
    ) -> bytearray:
        """An answer's body; as far as it can be had, where it need not be whole."""
        body = bytearray()
        try:
            while len(body) <= most and (chunk := response.raw.read1(CHUNK, decode_content=True)):
                body += chunk
                self.received_bytes += len(chunk)
        except HTTPError as error:
            if not whole:
                return body
            if isinstance(error, ReadTimeoutError):
                raise self._unreachable(f"did not finish its answer in {patience:g} s") from None
            raise self._unreachable(f"broke its answer off ({cause(error)})") from None
        if whole and len(body) > most:
            raise AnswerTooLarge(f"{self._name} answers with more than {most} bytes")
        return body

    def _unreachable(self, what: str, *, again: bool = True) -> _FailedError:
        return _FailedError(Unreachable(f"{self._name} {what}"), again=again)

    def _refusal(
        self, request: Request, response: requests.Response, patience: float
    ) -> _FailedError:
        code = response.status_code
        if is_redirect(code):
            target = redirect_target(self._url, response.headers.get("Location", ""))
            text = f"{code}: it redirects to {target}; redirects are not followed, give that URL"
            text = f"{self._name} answered {self._hide(text)}"
            return self._refused(text, code)
        said = words(response, self._body(response, patience, MOST_SAID, whole=False), self._hide)
        text = f"{self._name} answered {said}"
        if not is_overload(code):
            return self._refused(text, code)
        after = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        if after is not None:
            text += f" (asks to wait {after:.0f} s)"
        again = request.repeatable or code in UNTOUCHED
        return _FailedError(Overloaded(text), again=again, after=after)

    def _refused(self, text: str, code: int) -> _FailedError:
        error = Refused(text)
        error.status = code
        return _FailedError(error, again=False)

    def _hide(self, text: str) -> str:
        for secret in filter(None, [*self._hidden, *self._credentials()]):
            text = text.replace(secret, "***")
        return text

    def _credentials(self) -> Iterator[str]:
        settings = self._settings
        for source in settings.secrets if isinstance(settings, Endpoint) else ():
            try:
                yield source.read().get_secret_value()
            except SettingsError:  # then it was not sent either
                continue


def _timeout(patience: float) -> Any:
    """Of a whole attempt; requests takes what its stubs do not know."""
    return Timeout(total=patience, connect=min(CONNECT_SECONDS, patience))
