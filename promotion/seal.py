"""Signing verdicts, and telling whether one is to be believed.

Ed25519 over the verdict's canonical JSON: who can check a verdict cannot make one. A key is known
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

from promotion.errors import KeyFormatError, PaperError, SealError
from promotion.papers import Verdict, read

ALGORITHM = "ed25519"
_DOMAIN = b"brisa-platform promotion verdict\n"
"""Signed before the verdict, so that no signature of anything else can pass for one."""

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
            "`python -m delivery key FILE` makes one"
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
        "as `python -m delivery key FILE` prints it"
    )


def key_id(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """By what a key is known."""
    encoded = public_line(key).partition(":")[2]
    return hashlib.sha256(base64.b64decode(encoded)).hexdigest()[:_ID_LENGTH]


def sealed(verdict: Verdict, key: Ed25519PrivateKey) -> str:
    """The verdict with its signature, as JSON."""
    content = verdict.model_dump(mode="json", by_alias=True)
    signature = base64.b64encode(key.sign(_signed(content))).decode()
    document = {"verdict": content, "signature": {"key": key_id(key), "value": signature}}
    return json.dumps(document, indent=2) + "\n"


def believed(document: str, trusted: Iterable[str]) -> Verdict:
    """The verdict of a document, if one of the trusted keys has signed it as it stands.

    Raises:
        PaperError: when it is no such document.
        SealError: when it is not signed, by no trusted key, or was changed afterwards.
        KeyFormatError: when a trusted key is none.
    """
    content, signature = _parts(document)
    if not isinstance(signature, dict) or not signature.get("value"):
        raise SealError("the verdict is not signed; `python -m delivery verdict` signs it")
    keys = {key_id(key): key for key in map(public_key, trusted)}
    signer = keys.get(str(signature.get("key")))
    if signer is None:
        known = ", ".join(sorted(keys)) or "none"
        raise SealError(
            f"the verdict is signed with the key {str(signature.get('key'))[:64]!r}, which is not "
            f"trusted; trusted: {known}"
        )
    try:
        signer.verify(base64.b64decode(str(signature["value"]), validate=True), _signed(content))
    except (InvalidSignature, ValueError):
        raise SealError("the verdict was changed after it was signed; take it anew") from None
    return read(Verdict, json.dumps(content))


def _parts(document: str) -> tuple[Any, Any]:
    try:
        parts = json.loads(document)
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, dict) or "verdict" not in parts:
        raise PaperError("the verdict cannot be read: it is no JSON object with a verdict in it")
    return parts["verdict"], parts.get("signature")


def _signed(content: Any) -> bytes:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return _DOMAIN + canonical.encode()
