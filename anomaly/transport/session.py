"""From settings to an HTTP session: credentials, trust, proxies, answers that end in time.

Also, in words, what went wrong: what a server said of its refusal, what broke a connection.

Of the environment only the proxy variables count. A `.netrc` or a certificate bundle that happens
to lie about must not decide whom the detector shows its credentials to, or whom it trusts.
"""

import io
import json
import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPResponse
from time import monotonic
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.utils import get_environ_proxies
from urllib3.exceptions import NewConnectionError

from anomaly.config.endpoint import Endpoint, HttpSettings
from anomaly.errors import SettingsError

MOST_WORDS = 300
"""Characters of a server's text that are kept."""

TEXT_KEYS = ("error", "message", "errors", "detail")
"""Where servers that answer in JSON put what they have to say."""


def is_overload(code: int) -> bool:
    """Whether the same request may go well later."""
    return code == HTTPStatus.TOO_MANY_REQUESTS or code >= HTTPStatus.INTERNAL_SERVER_ERROR


def is_redirect(code: int) -> bool:
    """Whether the answer only points elsewhere."""
    return HTTPStatus.MULTIPLE_CHOICES <= code < HTTPStatus.BAD_REQUEST


def words(response: requests.Response, body: bytearray, hide: Callable[[str], str]) -> str:
    """The status and what the server said of it, as one short line; what is secret is hidden."""
    is_page = "html" in response.headers.get("Content-Type", "")
    text = " ".join(hide("" if is_page else _message(body)).split())
    return f"{response.status_code}: {(text or hide(response.reason or ''))[:MOST_WORDS]}"


def redirect_target(url: str, location: str) -> str:
    """Where a redirect leads, without what may be secret in it."""
    try:
        target = urlsplit(urljoin(url, location))
    except ValueError:
        return "an address that is none"
    return f"{target.scheme}://{target.hostname or '?'}{target.path}"


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a server asks to wait; None when it does not, or not as the standard says."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    moment = _moment(value)
    return max(0.0, (moment - now).total_seconds()) if moment else None


def ahead(date: str | None, now: datetime) -> float:
    """Seconds that a clock is ahead of the one by which an answer is dated; 0 where none is."""
    moment = _moment(date) if date else None
    return (now - moment).total_seconds() if moment else 0.0


def never_sent(error: BaseException) -> bool:
    """Whether there was no connection over which anything could have been sent."""
    bottom: BaseException | None = error
    while bottom is not None:
        if isinstance(bottom, NewConnectionError):
            return True
        bottom = _below(bottom)
    return False


def cause(error: BaseException) -> str:
    """What lies at the bottom of a broken connection.

    The texts in between hold whole URLs; those of the operating system and of TLS do not.
    """
    bottom: BaseException | None = error
    while bottom is not None:
        if isinstance(bottom, ssl.SSLCertVerificationError):
            return bottom.verify_message
        if isinstance(bottom, ssl.SSLError):
            return bottom.reason or "TLS failed"
        if isinstance(bottom, OSError) and bottom.strerror:
            return bottom.strerror
        bottom = _below(bottom)
    return type(error).__name__


def _below(error: BaseException) -> BaseException | None:
    """What an exception was made of."""
    nested = (getattr(error, "reason", None), *error.args, error.__cause__, error.__context__)
    return next((each for each in nested if isinstance(each, BaseException)), None)


def _message(body: bytearray) -> str:
    text = body.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(document, dict):
        return text
    said = [document[key] for key in TEXT_KEYS if document.get(key)]
    parts = [part for each in said for part in (each if isinstance(each, list) else [each])]
    return "; ".join(map(str, parts)) or text


def _moment(text: str) -> datetime | None:
    """A time as headers have it; None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Credentials(AuthBase):
    """Shows a token or a password, read anew for each request: those are rotated."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._token, self._basic = endpoint.bearer_token, endpoint.basic_auth

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put them into the request."""
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token.read().get_secret_value()}"
        if self._basic:
            password = self._basic.password.read().get_secret_value()
            pair = b64encode(f"{self._basic.username}:{password}".encode()).decode()
            request.headers["Authorization"] = f"Basic {pair}"
        return request


class _Bounded(io.RawIOBase):
    """An answer as it comes in. All waiting for it counts together, not each byte's by itself."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket) -> None:
        self._raw, self._socket = raw, connection
        self._patience, self._waited = connection.gettimeout(), 0.0

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what is there, or wait for it as long as there is time left."""
        if self._patience is not None:
            left = self._patience - self._waited
            if left <= 0:
                raise TimeoutError("timed out")
            self._socket.settimeout(left)
        begun = monotonic()
        read: int | None = self._raw.readinto(buffer)
        self._waited += monotonic() - begun
        return read

    def close(self) -> None:
        """Let go of the connection."""
        super().close()
        self._raw.close()


class _BoundedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *rest: Any, **keys: Any) -> None:
        super().__init__(sock, *rest, **keys)
        self.fp = io.BufferedReader(_Bounded(self.fp.detach(), sock))


class _BoundedAdapter(HTTPAdapter):
    """Connects, directly or by a proxy, so that a timeout holds for an answer as a whole."""

    def get_connection_with_tls_context(self, *arguments: Any, **keys: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*arguments, **keys)
        usual = type(pool).ConnectionCls
        if pool.ConnectionCls is usual:
            bounded = {"response_class": _BoundedResponse}
            pool.ConnectionCls = type(usual.__name__, (usual,), bounded)
        return pool


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: redirects are not followed, so nobody has to understand where they lead."""


def open_session(settings: HttpSettings, url: str) -> requests.Session:
    """A session for one server.

    Raises:
        SettingsError: a certificate cannot be used.
    """
    session = _Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _BoundedAdapter())
    session.trust_env = False
    session.proxies = get_environ_proxies(url)
    session.headers["User-Agent"] = "brisa-anomaly-detector"
    _check_certificates(settings)
    if settings.ca_file:
        session.verify = str(settings.ca_file)
    if settings.cert_file:
        pair = (str(settings.cert_file), str(settings.key_file or settings.cert_file))
        session.cert = pair
    if isinstance(settings, Endpoint):
        session.auth = Credentials(settings)
        if settings.tenant:
            session.headers[settings.tenant_header] = settings.tenant
    return session


def _check_certificates(settings: HttpSettings) -> None:
    """Load them once, so that what is wrong with a file is said of that file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    path = settings.ca_file
    try:
        if path:
            context.load_verify_locations(path)
        path = settings.cert_file
        if path:
            context.load_cert_chain(path, settings.key_file)
    except ssl.SSLError as error:
        reason = error.reason or "no certificate in PEM form"
        raise SettingsError(f"{path} cannot be used for TLS: {reason}") from None
    except OSError as error:
        named = error.filename or (settings.key_file if path == settings.cert_file else path)
        raise SettingsError(f"cannot read {named or path}: {error.strerror}") from None
