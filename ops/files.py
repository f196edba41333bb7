"""Files: those of others read, or told in one message why not; ours written whole or not at all."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from ops.errors import UsageError

PRIVATE, PUBLIC = 0o600, 0o644
LARGEST = 32 * 1024 * 1024
"""Bytes of a document that is read; other jobs write them, and some of those are strangers'."""

Document = TypeVar("Document")


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        UsageError: when it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} cannot be read: it is no text in UTF-8") from None


def read_document(path: Path, form: type[Document], what: str) -> Document:
    """A document in JSON, of a model's form; `what` says what it should be.

    Raises:
        UsageError: when it cannot be read, is too large or of another form.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path} is larger than {LARGEST} bytes; that is no {what}")
        return TypeAdapter(form).validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"{path} is no {what}: {place}: {first['msg']}") from None


def read_mapping(path: Path, *, optional: bool = False) -> dict[str, Any]:
    """What a configuration file says, YAML or JSON by its name; empty where it says nothing.

    Raises:
        UsageError: when it is not there and not optional, or cannot be read.
    """
    if optional and not path.exists():
        return {}
    is_json = path.suffix == ".json"
    try:
        content = json.loads(read_text(path)) if is_json else yaml.safe_load(read_text(path))
    except (ValueError, yaml.YAMLError) as error:
        form = "JSON" if is_json else "YAML"
        raise UsageError(f"{path.name} cannot be read as {form}: {error}") from None
    return content if isinstance(content, dict) else {}


def write(path: Path, content: str, *, mode: int = PUBLIC) -> None:
    """Write beside the file, then rename over it; folders that are missing are made.

    Raises:
        UsageError: when that is not possible.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise UsageError(f"{path} cannot be written: {error.strerror}") from None
        raise
