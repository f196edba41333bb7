"""Requests to the API server.

Owns connections, credentials and the repetition of requests that failed for a passing reason: an
API server that restarts must neither lose nor double an object. Knows nothing of kinds.
"""

import json
import ssl
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, SSLError

from sandbox.engine.kubernetes.errors import ApiError, ProviderError, UnreachableError
from sandbox.engine.kubernetes.kubeconfig import Access

JSON: Final = "application/json"
APPLY: Final = "application/apply-patch+yaml"  # JSON is YAML
MERGE_PATCH: Final = "application/merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"

CONNECT_TIMEOUT_SECONDS: Final = 10.0
READ_TIMEOUT_SECONDS: Final = 90.0
"""Longer than the API server lets a request run (60 s), so that its own answer arrives first."""

RETRY_WINDOW_SECONDS: Final = 60.0
"""How long a passing failure is repeated: an API server's restart, with room to spare."""
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 3.0

_POOL_SIZE: Final = 64
_FIRST_FAILURE: Final = 400
_TOO_MANY_REQUESTS: Final = 429
_PASSING_CODES: Final = frozenset({_TOO_MANY_REQUESTS, 503, 504})
_PASSING_TEXTS: Final = (
    "etcdserver: leader changed",
    "etcdserver: request timed out",
    "etcdserver: no leader",
    "etcdserver: server stopped",
    "not yet ready to handle request",
    "connection refused",
    "transport is closing",
    "client connection is closing",
    "error reading from server",
)


@dataclass(frozen=True)
class Request:
    """One request to the API server."""

    method: str
    """HTTP method."""
    path: str
    """Path and nothing else, such as ``/api/v1/namespaces``."""
    query: dict[str, str] | None = None
    """Query parameters."""
    body: Any = None
    """What is sent, as JSON."""
    content_type: str = JSON
    """How the server shall read the body; the patch types differ in this alone."""


class ApiClient:
    """A pool of connections to one API server, for many threads."""

    def __init__(
        self, access: Access, cancelled: threading.Event, *, timeout_seconds: float | None = None
    ) -> None:
        """Prepare connections; none is made yet.

        Args:
            access: The API server and our identity.
            cancelled: Ends the repetition of failed requests.
            timeout_seconds: How long to wait for an answer.
        """
        self._server = access.server
        self._cancelled = cancelled
        self._pool = _pool(access, timeout_seconds or READ_TIMEOUT_SECONDS)

    def send(self, request: Request, *, repeat: bool = True) -> dict[str, Any]:
        """Send a request and return the answer, repeating it while the failure may pass.

        Raises:
            ApiError: The server refused.
            UnreachableError: The server did not answer in time.
        """
        deadline = time.monotonic() + RETRY_WINDOW_SECONDS
        pause = _FIRST_PAUSE_SECONDS
        answer_was_lost = False
        while True:
            error: ProviderError
            try:
                return self._once(request)
            except UnreachableError as failure:
                answer_was_lost |= isinstance(failure, _LostAnswerError)
                error = failure
            except ApiError as failure:
                failure.answer_was_lost = answer_was_lost
                if not _may_pass(failure):
                    raise
                error = failure
            if not repeat or time.monotonic() + pause > deadline or self._cancelled.wait(pause):
                raise error
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _once(self, request: Request) -> dict[str, Any]:
        url = self._server + request.path
        query = f"?{urlencode(request.query)}" if request.query else ""
        body = None if request.body is None else json.dumps(request.body).encode()
        headers = dict(self._pool.headers) | (
            {"Content-Type": request.content_type} if body else {}
        )
        try:
            response = self._pool.request(
                request.method, url + query, body=body, headers=headers, redirect=False
            )
        except HTTPError as error:
            text = f'{request.method.capitalize()} "{url}": {_explain(error)}'
            failure = UnreachableError if _was_not_sent(error) else _LostAnswerError
            raise failure(text) from None
        document = _document(response.data)
        if response.status >= _FIRST_FAILURE:
            raise ApiError(response.status, document)
        return document


class _LostAnswerError(UnreachableError):
    """The request may have been carried out, but the answer never came."""


def _pool(access: Access, read_timeout_seconds: float) -> urllib3.PoolManager:
    headers = {"Accept": JSON, "User-Agent": "pulumi-kubernetes/stand-in"}
    if access.token:
        headers["Authorization"] = f"Bearer {access.token}"
    elif access.basic:
        headers |= urllib3.make_headers(basic_auth=":".join(access.basic))
    options: dict[str, Any] = {}
    if access.server.startswith("https:"):
        options["ssl_context"] = _tls(access)
        if access.tls_server_name:
            options["server_hostname"] = options["assert_hostname"] = access.tls_server_name
    return urllib3.PoolManager(
        maxsize=_POOL_SIZE,
        headers=headers,
        retries=False,
        timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT_SECONDS, read=read_timeout_seconds),
        **options,
    )


def _tls(access: Access) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=access.ca.decode() if access.ca else None)
        if not access.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if access.certificate and access.key:
            # The ssl module reads certificates from files only; the file's mode is 0600.
            with tempfile.NamedTemporaryFile(prefix="pulumi-kubernetes-") as file:
                file.write(access.certificate + b"\n" + access.key)
                file.flush()
                context.load_cert_chain(file.name)
    except (ssl.SSLError, ValueError) as error:
        raise ProviderError(f"the kubeconfig's certificates cannot be used: {error}") from None
    return context


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        return {"message": content.decode(errors="replace").strip()[:500]}
    return document if isinstance(document, dict) else {"message": str(document)}


def _may_pass(error: ApiError) -> bool:
    text = str(error)
    return error.code in _PASSING_CODES or (
        error.code in (403, 500) and any(hint in text for hint in _PASSING_TEXTS)
    )


def _was_not_sent(error: HTTPError) -> bool:
    return isinstance(error, NewConnectionError | ConnectTimeoutError | SSLError)


def _explain(error: HTTPError) -> str:
    text = str(error)
    return "connect: connection refused" if "Connection refused" in text else text
