"""Signing papers, and telling whether one is to be believed.

Ed25519 over the paper's canonical JSON: who can check a paper cannot make one. A key is known
by the first half of the SHA-256 of its public part.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from vocabulary.promotion.errors import KeyFormatError, PaperError, SealError
from vocabulary.promotion.papers import Model, Paper, named, read

ALGORITHM = "ed25519"
_DOMAIN = "brisa-platform promotion {}\n"
"""Signed before the paper, so that no signature of anything else can pass for it."""

_ID_LENGTH = 16


def new_key() -> Ed25519PrivateKey:
    """A key pair."""
    return Ed25519PrivateKey.generate()


def private_text(key: Ed25519PrivateKey) -> str:
    """A private key as its file holds it: PKCS#8 in PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def private_key(text: str) -> Ed25519PrivateKey:
    """Read a private key; the text is never part of a message.

    Raises:
        KeyFormatError: when it is none, or has a passphrase.
    """
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFormatError(
            "the signing key is no Ed25519 key in PEM without a passphrase; "
            "`python -m ops key FILE` makes one"
        )
    return key


def public_line(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """A public key as `trustedKeys` lists it: `ed25519:` and 32 bytes in base64."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return f"{ALGORITHM}:{base64.b64encode(public.public_bytes_raw()).decode()}"


def public_key(line: str) -> Ed25519PublicKey:
    """Read a public key.

    Raises:
        KeyFormatError: when it is none.
    """
    algorithm, _, encoded = line.partition(":")
    try:
        if algorithm == ALGORITHM:
            return Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded, validate=True))
    except (ValueError, binascii.Error):
        pass
    raise KeyFormatError(
        f"{line!r} is no public key; write ed25519: and its 32 bytes in base64, "
        "as `python -m ops key FILE` prints it"
    )


def key_id(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """By what a key is known."""
    encoded = public_line(key).partition(":")[2]
    return hashlib.sha256(base64.b64decode(encoded)).hexdigest()[:_ID_LENGTH]


def sealed(paper: Model, key: Ed25519PrivateKey) -> str:
    """A paper with its signature, as JSON."""
    kind, content = named(type(paper)), paper.model_dump(mode="json", by_alias=True)
    signature = base64.b64encode(key.sign(_signed(kind, content))).decode()
    document = {kind: content, "signature": {"key": key_id(key), "value": signature}}
    return json.dumps(document, indent=2) + "\n"


def believed(paper: type[Paper], document: str, trusted: Iterable[str]) -> Paper:
    """The paper in a document, if one of the trusted keys has signed it as it stands.

    Raises:
        PaperError: when it is no such document.
        SealError: when it is not signed, by no trusted key, or was changed afterwards.
        KeyFormatError: when a trusted key is none.
    """
    kind = named(paper)
    content, signature = _parts(kind, document)
    if not isinstance(signature, dict) or not signature.get("value"):
        raise SealError(f"the {kind} is not signed; `python -m ops {kind}` signs it")
    keys = {key_id(key): key for key in map(public_key, trusted)}
    signer = keys.get(str(signature.get("key")))
    if signer is None:
        known = ", ".join(sorted(keys)) or "none"
        raise SealError(
            f"the {kind} is signed with the key {str(signature.get('key'))[:64]!r}, which is not "
            f"trusted; trusted: {known}"
        )
    try:
        value = base64.b64decode(str(signature["value"]), validate=True)
        signer.verify(value, _signed(kind, content))
    except (InvalidSignature, ValueError):
        raise SealError(f"the {kind} was changed after it was signed; take it anew") from None
    return read(paper, json.dumps(content))


def claimed(kind: str, document: str | None) -> dict[str, Any]:
    """What a document says, believed or not; empty when it says nothing."""
    try:
        content, signature = _parts(kind, document or "")
        return {**content, "key": str(signature["key"])}
    except (PaperError, TypeError, KeyError):
        return {}


def _parts(kind: str, document: str) -> tuple[Any, Any]:
    try:
        parts = json.loads(document)
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, dict) or kind not in parts:
        raise PaperError(f"the {kind} cannot be read: it is no JSON object with a {kind} in it")
    return parts[kind], parts.get("signature")


def _signed(kind: str, content: Any) -> bytes:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return _DOMAIN.format(kind).encode() + canonical.encode()
