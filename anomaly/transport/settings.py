"""How a server is reached: address, credentials, TLS, patience."""

import re
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, model_validator

from anomaly.model import Model
from anomaly.transport.secrets import HIDDEN, SecretSource


def _hide_user_information(url: object) -> object:
    """A password that was put into a URL must not be repeated in the error about it."""
    return re.sub(r"//.*@", f"//{HIDDEN}@", url) if isinstance(url, str) else url


BaseUrl = Annotated[
    str,
    BeforeValidator(_hide_user_information),
    Field(pattern=r"^https?://[^\s/@?#]+(/[^\s@?#]*)?$"),
]
"""An http or https URL without user information, query or fragment: secrets do not belong there."""


def without_path(url: str, *paths: str) -> str:
    """An address to which the client itself adds the path of an API.

    Raises:
        ValueError: it ends with one of the paths.
    """
    plain = urlsplit(url).path.rstrip("/")
    for path in paths:
        if plain.endswith(path):
            raise ValueError(f"ends with {path}, which is added to it; leave that away")
    return url


Header = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]


class HttpSettings(Model):
    """What holds for every server, whoever it is."""

    timeout_seconds: float = Field(30.0, gt=0, le=600)
    """How long one attempt may keep us waiting."""

    attempts: int = Field(3, ge=1, le=10)
    """How often is tried in all when there is no answer or the server is overloaded."""

    ca_file: Path | None = None
    """Certificates (PEM) to trust instead of the public ones. Verification cannot be turned off."""

    cert_file: Path | None = None
    """Client certificate (PEM), for servers that ask for one."""

    key_file: Path | None = None
    """Key of the client certificate; not needed where `cert_file` holds it too."""

    @model_validator(mode="after")
    def _key_with_certificate(self) -> Self:
        if self.key_file and not self.cert_file:
            raise ValueError("key_file needs cert_file")
        return self


class BasicAuth(Model):
    """A name and a password."""

    username: str = Field(min_length=1, pattern=r"^[^:\s]+$")
    """User name."""

    password: SecretSource
    """Where the password lies."""


class Endpoint(HttpSettings):
    """A server of one's own, with whatever guards it."""

    url: BaseUrl
    """Address; each user says which path belongs to it."""

    bearer_token: SecretSource | None = None
    """Where the token for `Authorization: Bearer` lies, such as a service account's."""

    basic_auth: BasicAuth | None = None
    """Name and password instead of a token."""

    tenant: str | None = Field(None, min_length=1, max_length=150, pattern=r"^[^\s]+$")
    """Whose data, for servers with several tenants: Mimir, Thanos, VictoriaMetrics' gateways."""

    tenant_header: Header = "X-Scope-OrgID"
    """The header that names the tenant; Thanos has `THANOS-TENANT` unless told otherwise."""

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if self.bearer_token and self.basic_auth:
            raise ValueError("give bearer_token or basic_auth, not both")
        if "tenant_header" in self.model_fields_set and not self.tenant:
            raise ValueError("tenant_header needs tenant")
        if (self.ca_file or self.cert_file) and not self.url.startswith("https://"):
            raise ValueError("ca_file and cert_file need an https URL")
        return self
