"""How a server is reached: address, credentials and where they lie, TLS, patience.

Secrets come from files and environment variables, never from the configuration itself.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from anomaly.config import Model
from anomaly.errors import SettingsError

MOST_BYTES = 64 * 1024
"""A file that is longer is no secret but a mistake."""


HIDDEN = "***"
PATH = re.compile(r"\.{0,2}/[^\s:]*")
"""What names a file. A secret that stands in its place is hardly ever written so."""

ENV_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"


class SecretSource(Model):
    """A file or an environment variable that holds a secret; exactly one of them."""

    file: Path | None = None
    """File that holds nothing else, such as a mounted key of a Secret. It is read at every use, so
    a rotated secret needs no restart."""

    env: str | None = Field(None, pattern=ENV_NAME)
    """Name of an environment variable."""

    @model_validator(mode="before")
    @classmethod
    def _hide_what_may_be_a_secret(cls, given: object) -> object:
        """A secret that was put here by mistake must not be repeated in the error about it."""
        if isinstance(given, SecretSource):
            return given
        if not isinstance(given, Mapping):
            return {"a secret written here": HIDDEN}
        known = {name: given[name] if name in cls.model_fields else HIDDEN for name in given}
        if "env" in known and not re.match(ENV_NAME, str(known["env"])):
            known["env"] = HIDDEN
        if known.get("file") is not None and not PATH.fullmatch(str(known["file"])):
            raise ValueError("is no path of a file; write one that begins with /, ./ or ../")
        return known

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.file is None) == (self.env is None):
            raise ValueError("give either a file or an env variable that holds the secret")
        return self

    def read(self) -> SecretStr:
        """The secret, without the white space around it.

        Raises:
            SettingsError: it cannot be had; the text names where it was looked for.
        """
        text = os.environ.get(self.env, "") if self.env else self._content()
        secret = text.strip()
        if not secret or not secret.isprintable():
            raise SettingsError(f"{self} holds no secret: one line of text is needed")
        if not secret.isascii():
            raise SettingsError(f"{self} holds a character beyond ASCII, which no header takes")
        return SecretStr(secret)

    def __str__(self) -> str:
        """Where it lies. A path that leads nowhere may be the secret itself, and is not shown."""
        if self.env:
            return f"environment variable {self.env}"
        known = self.file is not None and self.file.parent.is_dir()
        return f"file {self.file}" if known else f"file {HIDDEN} (its folder is not there)"

    def _content(self) -> str:
        assert self.file is not None  # noqa: S101 - the validator has seen to it
        try:
            with self.file.open("rb") as opened:
                content = opened.read(MOST_BYTES + 1)
        except OSError as error:
            raise SettingsError(f"cannot read {self}: {error.strerror}") from None
        if len(content) > MOST_BYTES:
            raise SettingsError(f"{self} is longer than {MOST_BYTES} bytes; that is no secret")
        return content.decode("utf-8", "replace")


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


TENANT_HEADER = "X-Scope-OrgID"
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

    tenant_header: Header = TENANT_HEADER
    """The header that names the tenant; Thanos has `THANOS-TENANT` unless told otherwise."""

    @property
    def secrets(self) -> tuple[SecretSource, ...]:
        """Where the secrets lie that are shown to it."""
        password = self.basic_auth.password if self.basic_auth else None
        return tuple(filter(None, (self.bearer_token, password)))

    @model_validator(mode="after")
    def _one_credential(self) -> Self:
        if self.bearer_token and self.basic_auth:
            raise ValueError("give bearer_token or basic_auth, not both")
        if self.tenant_header != TENANT_HEADER and not self.tenant:
            raise ValueError("tenant_header needs tenant")
        if (self.ca_file or self.cert_file) and not self.url.startswith("https://"):
            raise ValueError("ca_file and cert_file need an https URL")
        return self


MOST_POINTS = 11_000
"""Steps of one query; Prometheus refuses more, whatever it is configured to."""

API_PATHS = (
    "/api/v1",
    "/api/v1/query",
    "/api/v1/query_range",
    "/api/v1/write",
    "/-/ready",
    "/graph",
    "/query",
)
"""What people copy along with the address of a server."""

OWN_PARAMETERS = {"query", "start", "end", "step", "timeout", "stats", "limit"}
"""Parameters of a query that the reader itself sets, or whose effect it could not see."""


class Connection(Endpoint):
    """Prometheus, or what speaks its query API: Mimir, Thanos, VictoriaMetrics.

    The URL ends where `/api/v1/query_range` begins.
    """

    max_points_per_query: int = Field(MOST_POINTS, ge=1, le=MOST_POINTS)
    """Steps that one query asks for; a longer range is asked for in parts. Fewer steps make
    shorter answers and lighter work for the server."""

    max_response_bytes: int = Field(96 * 1024**2, ge=64 * 1024)
    """Length of an answer, decompressed; it waits in memory until it is read. A longer one is cut
    off and asked for in smaller parts."""

    max_series: int = Field(20_000, ge=1)
    """Series that one query may bring; further ones are left out, counted and warned of."""

    parameters: dict[str, str] = {}
    """Further parameters of every query, such as `dedup` for Thanos or `extra_label` for
    VictoriaMetrics. They are shown in plain text: no secrets."""

    @field_validator("url")
    @classmethod
    def _base(cls, url: str) -> str:
        return without_path(url, *API_PATHS)

    @field_validator("parameters")
    @classmethod
    def _not_the_readers_own(cls, parameters: dict[str, str]) -> dict[str, str]:
        own = sorted(OWN_PARAMETERS & set(parameters))
        if own:
            raise ValueError(f"the reader decides about {', '.join(own)}")
        return parameters
