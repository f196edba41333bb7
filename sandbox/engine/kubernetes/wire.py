"""Property values as the engine sends them.

Owns the translation between protobuf structs and Python values. Secrets and unknowns stay values
of their own (``Secret``, ``UNKNOWN``), so that they survive the round trip; whole numbers come
back as ``int``, because the wire knows doubles only and the API server refuses ``3.0`` for an
integer.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from google.protobuf.struct_pb2 import NULL_VALUE, ListValue, Struct
from google.protobuf.struct_pb2 import Value as WireValue

Properties = dict[str, Any]
"""A property map: plain JSON values, ``Secret``, ``UNKNOWN`` and ``Special``."""

_SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"

_UNKNOWN_SENTINELS: Final = frozenset(
    {
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
_UNKNOWN_STRING: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class Unknown(Enum):
    """The type of ``UNKNOWN``: a value that a preview cannot know yet."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


@dataclass(frozen=True)
class Secret:
    """A value that must stay encrypted in the state and hidden in output."""

    value: Any
    """What is secret; may be a whole map or list."""


@dataclass(frozen=True)
class Special:
    """An asset, archive or reference: passed on as it came."""

    fields: Properties
    """The struct's fields, signature included."""


def decode(struct: Struct) -> Properties:
    """Read a property map; null entries of maps are dropped, as the official plugin does."""
    decoded = {key: _decode_value(value) for key, value in struct.fields.items()}
    return {key: value for key, value in decoded.items() if value is not None}


def _decode_value(value: WireValue) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in _UNKNOWN_SENTINELS else text
    if kind == "struct_value":
        return _decode_struct(value.struct_value)
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_decode_value(item) for item in value.list_value.values]
    return None


def _decode_struct(struct: Struct) -> Any:
    fields = decode(struct)
    signature = fields.get(_SIGNATURE_KEY)
    if signature is None:
        return fields
    if signature == _SECRET_SIGNATURE:
        return Secret(fields.get("value"))
    return Special(fields)


def encode(properties: Properties) -> Struct:
    """Write a property map; null entries of maps are dropped."""
    struct = Struct()
    _fill(struct, properties)
    return struct


def _fill(struct: Struct, properties: Properties) -> None:
    for key, value in properties.items():
        if value is not None:
            _fill_value(struct.fields[key], value)


def _fill_value(target: WireValue, value: Any) -> None:
    if isinstance(value, str | bool | int | float | None):
        _fill_scalar(target, value)
    elif isinstance(value, dict):
        target.struct_value.SetInParent()
        _fill(target.struct_value, value)
    elif isinstance(value, list | tuple):
        target.list_value.CopyFrom(ListValue())
        for item in value:
            _fill_value(target.list_value.values.add(), item)
    elif value is UNKNOWN:
        target.string_value = _UNKNOWN_STRING
    elif isinstance(value, Secret):
        fields = target.struct_value.fields
        fields[_SIGNATURE_KEY].string_value = _SECRET_SIGNATURE
        _fill_value(fields["value"], value.value)
    elif isinstance(value, Special):
        _fill(target.struct_value, value.fields)
    else:
        message = f"a {type(value).__name__} cannot be sent to the engine"
        raise TypeError(message)


def _fill_scalar(target: WireValue, value: str | float | None) -> None:
    if isinstance(value, str):
        target.string_value = value
    elif isinstance(value, bool):
        target.bool_value = value
    elif value is None:
        target.null_value = NULL_VALUE
    else:
        target.number_value = value


def reveal(value: Any) -> Any:
    """Copy a value with every secret replaced by what it holds."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [reveal(item) for item in value]
    return value


def has_unknown(value: Any) -> bool:
    """Whether anything inside is not known yet."""
    if value is UNKNOWN:
        return True
    if isinstance(value, Secret):
        return has_unknown(value.value)
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return False


def has_secret(value: Any) -> bool:
    """Whether anything inside is secret."""
    if isinstance(value, Secret):
        return True
    if isinstance(value, dict):
        return any(has_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(has_secret(item) for item in value)
    return False
