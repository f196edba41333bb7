"""Where secrets come from: files and environment variables, never the configuration itself."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from anomaly.errors import SettingsError
from anomaly.model import Model

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
