"""From settings to an HTTP session: credentials, trust, proxies, and answers that end in time.

Of the environment only the proxy variables count. A `.netrc` or a certificate bundle that happens
to lie about must not decide whom the detector shows its credentials to, or whom it trusts.
"""

import io
import socket
import ssl
from base64 import b64encode
from collections.abc import Iterator
from http.client import HTTPResponse
from time import monotonic
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from anomaly.config.endpoint import BasicAuth, Endpoint, HttpSettings, SecretSource
from anomaly.errors import SettingsError


class Bearer(AuthBase):
    """Shows a token, read anew for each request: those of service accounts are rotated."""

    def __init__(self, token: SecretSource) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token into the request."""
        request.headers["Authorization"] = f"Bearer {self._token.read().get_secret_value()}"
        return request


class Basic(AuthBase):
    """Shows a name and a password, the latter read anew for each request."""

    def __init__(self, basic: BasicAuth) -> None:
        self._basic = basic

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put name and password into the request."""
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


class _Plain(HTTPConnection):
    response_class = _BoundedResponse


class _Encrypted(HTTPSConnection):
    response_class = _BoundedResponse


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _Encrypted


_POOLS = {"http": _PlainPool, "https": _EncryptedPool}


class _BoundedAdapter(HTTPAdapter):
    """Connects, directly or by a proxy, so that a timeout holds for an answer as a whole."""

    def init_poolmanager(self, *arguments: Any, **keys: Any) -> None:
        super().init_poolmanager(*arguments, **keys)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **keys: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **keys)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere: redirects are not followed, so nobody has to understand where they lead."""


def open_session(settings: HttpSettings, url: str) -> requests.Session:
    """A session for one server.

    Args:
        settings: how it is reached.
        url: its address; decides whether a proxy stands in between.

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
        session.auth = _credentials(settings)
        if settings.tenant:
            session.headers[settings.tenant_header] = settings.tenant
    return session


def secrets_of(settings: HttpSettings) -> Iterator[SecretSource]:
    """Where the secrets lie that a session shows."""
    if isinstance(settings, Endpoint):
        if settings.bearer_token:
            yield settings.bearer_token
        if settings.basic_auth:
            yield settings.basic_auth.password


def _credentials(endpoint: Endpoint) -> AuthBase | None:
    if endpoint.bearer_token:
        return Bearer(endpoint.bearer_token)
    return Basic(endpoint.basic_auth) if endpoint.basic_auth else None


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
