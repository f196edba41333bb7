"""One HTTPS or HTTP request that tells how a service does."""

import http.client
import ssl
import urllib.error
import urllib.request
from functools import cache
from http import HTTPStatus
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_TIMEOUT_SECONDS = 2.0


class Probe(BaseModel):
    """Where to ask, and with which certificates."""

    model_config = ConfigDict(frozen=True)

    url: str
    """Loopback URL; 200 is a yes, every other answer a no."""
    authority: Path | None = None
    """Certificate authority that signed the server; None for plain HTTP."""
    certificate: Path | None = None
    """Client certificate; None where the server asks for none."""
    key: Path | None = None
    """Private key of the client certificate."""

    def status(self) -> int | None:
        """The HTTP status of one request, None when nobody answered."""
        try:
            with urllib.request.urlopen(  # noqa: S310 - the URL is loopback and our own
                self.url, timeout=_TIMEOUT_SECONDS, context=self._context()
            ) as response:
                return int(response.status)
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code
        except (OSError, http.client.HTTPException):
            return None

    def passes(self) -> bool:
        """Whether the service answers 200."""
        return self.status() == HTTPStatus.OK

    def _context(self) -> ssl.SSLContext | None:
        if self.authority is None:
            return None
        # Certificates are new after every start, under the names of the old ones.
        made = self.authority.stat().st_mtime_ns
        return _context(self.authority, self.certificate, self.key, made)


@cache
def _context(
    authority: Path, certificate: Path | None, key: Path | None, _made: int
) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority)
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context
