"""`key`: the pair of keys by which verdicts are signed and believed."""

import argparse
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from delivery.commands.arguments import OK, Commands, command
from delivery.console import say, show
from delivery.errors import UsageError
from delivery.files import PRIVATE, write
from promotion.errors import KeyFormatError
from promotion.seal import key_id, new_key, private_key, private_text, public_line

VARIABLE = "BRISA_VERDICT_KEY"
"""Environment variable that may hold the private key itself, as a workflow's secret."""

EXAMPLES = """\
  python -m delivery key verdict-key.pem       make a pair, or show the public part of one"""


def register(commands: Commands) -> None:
    """Add the command."""
    added = command(
        commands,
        "key",
        run,
        does="make the key that signs verdicts, and print its public part for trustedKeys",
        examples=EXAMPLES,
    )
    added.add_argument("file", type=Path, help="private key; made when it is not there")
    added.add_argument("--dry-run", action="store_true", help="make nothing")


def run(options: argparse.Namespace) -> int:
    """Make a key, or show the public part of one."""
    if options.file.exists():
        key = _read(options.file)
    elif options.dry_run:
        say(f"a new key would be written to {options.file}")
        return OK
    else:
        key = new_key()
        write(options.file, private_text(key), mode=PRIVATE)
        say(f"wrote {options.file}; it is a secret: it never goes into Git")
    say(f"key {key_id(key)}; add this line to trustedKeys of platform-promotion-verdict:")
    show(public_line(key))
    return OK


def signing_key(file: Path | None) -> Ed25519PrivateKey:
    """The private key from a file, else from the environment.

    Raises:
        UsageError: when there is none.
    """
    if file:
        return _read(file)
    text = os.environ.get(VARIABLE, "")
    if not text.strip():
        raise UsageError(f"there is no key to sign with; give --key FILE, or set {VARIABLE}")
    try:
        return private_key(text)
    except KeyFormatError as error:
        raise UsageError(f"{VARIABLE}: {error}") from None


def _read(file: Path) -> Ed25519PrivateKey:
    try:
        return private_key(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None
    except (KeyFormatError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {error}") from None
