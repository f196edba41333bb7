"""Names for objects that the program did not name.

Owns the random suffix, the engine's naming policy and the annotation that marks a name as made
up: an object with a made-up name can be replaced without deleting the old one first.
"""

import hashlib
import secrets
from typing import Final

from pulumi.runtime.proto import provider_pb2 as pb

from sandbox.engine.kubernetes import chacha8, directives, objects, tokens
from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.objects import Object
from sandbox.engine.kubernetes.wire import UNKNOWN

_ALPHABET: Final = "0123456789abcdef"
_LENGTH: Final = 8
_RANGE: Final = 2**64 - 1
_MODE: Final = pb.CheckRequest.AutonamingOptions


def suffix(seed: bytes) -> str:
    """Return eight hexadecimal digits, the same for the same seed; random without one."""
    if not seed:
        return secrets.token_hex(_LENGTH // 2)
    # Numbers above the largest multiple of the alphabet's size would favour some digits.
    limit = _RANGE - _RANGE % len(_ALPHABET)
    fair = (number for number in chacha8.numbers(hashlib.sha256(seed).digest()) if number < limit)
    return "".join(_ALPHABET[next(fair) % len(_ALPHABET)] for _ in range(_LENGTH))


def propose(request: pb.CheckRequest, field: str) -> str:
    """Make a name up, as the engine's naming policy says.

    Args:
        request: The check of the resource.
        field: Where the program could have named it.

    Raises:
        ProviderError: The policy forbids made-up names.
    """
    if not request.HasField("autonaming"):
        return f"{tokens.name_of(request.urn)}-{suffix(request.randomSeed)}"
    if request.autonaming.mode == _MODE.DISABLE:
        raise ProviderError(
            f"autonaming is disabled, resource requires the {field} field to be set"
        )
    return request.autonaming.proposed_name


def assign(obj: Object, request: pb.CheckRequest) -> None:
    """Name an object that has no name.

    Raises:
        ProviderError: The engine's naming policy forbids made-up names.
    """
    if not objects.is_named(obj) and not has_generate_name(obj):
        _set(obj, propose(request, ".metadata.name"))


def adopt(obj: Object, old: Object) -> None:
    """Keep the name that an earlier run made up."""
    if not objects.is_named(obj) and is_autonamed(old):
        _set(obj, objects.name(old))


def is_autonamed(obj: Object) -> bool:
    """Whether the object's name was made up."""
    return directives.is_true(obj, directives.AUTONAMED)


def has_generate_name(obj: Object) -> bool:
    """Whether the API server shall make the name up."""
    if objects.is_named(obj):
        return False
    unknown = objects.lookup(obj, "metadata", "generateName") is UNKNOWN
    return unknown or bool(objects.generate_name(obj))


def _set(obj: Object, name: str) -> None:
    objects.set_metadata(obj, "name", name)
    objects.annotate(obj, directives.AUTONAMED, "true")
