"""`key`: the pair of keys by which papers are signed and believed; and the signing of papers."""

import os
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ops.commands.options import FILE, given, kept, together
from ops.commands.output import say
from ops.errors import UsageError
from ops.files import PRIVATE, read_text, write
from vocabulary.promotion.checkout import folder
from vocabulary.promotion.errors import KeyFormatError
from vocabulary.promotion.papers import Model
from vocabulary.promotion.seal import (
    key_id,
    new_key,
    private_key,
    private_text,
    public_line,
    sealed,
)

VARIABLE = "BRISA_VERDICT_KEY"
"""Environment variable that may hold the private key itself, as a workflow's secret."""


@click.command(
    epilog="""\b
Examples:
  python -m ops key verdict-key.pem       make a pair, or show the public part of one
"""
)
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Make nothing.")
def key(*, file: Path, dry_run: bool) -> None:
    """Make the key that signs papers, and print its public part for trustedKeys.

    FILE holds the private key; it is made when it is not there.
    """
    if file.exists():
        found = _read(file)
    elif dry_run:
        say(f"a new key would be written to {file}")
        return
    else:
        found = new_key()
        write(file, private_text(found), mode=PRIVATE)
        say(f"wrote {file}; it is a secret: it never goes into Git")
    say(f"key {key_id(found)}; add this line to trustedKeys of platform-promotion-verdict:")
    click.echo(public_line(found))


signing = together(
    kept("--key", type=FILE, help=f"Private key; {VARIABLE} by default."),
    kept("--into", type=FILE, help="Where to; .promotion by default."),
    kept("--dry-run", is_flag=True, help="Sign and write nothing."),
)


def signing_key() -> Ed25519PrivateKey | None:
    """The private key that the options name, else the environment's; None in a dry run.

    Raises:
        UsageError: when there is none.
    """
    if given("dry_run"):
        return None
    if file := given("key"):
        return _read(file)
    text = os.environ.get(VARIABLE, "")
    if not text.strip():
        raise UsageError(f"there is no key to sign with; give --key FILE, or set {VARIABLE}")
    return _key(text, VARIABLE)


def lay(paper: Model, key: Ed25519PrivateKey, name: str) -> None:
    """Sign a paper, and write it where the options say, else where the gate looks for it."""
    path: Path = given("into") or folder() / name
    write(path, sealed(paper, key))
    say(f"wrote {path}")


def _read(file: Path) -> Ed25519PrivateKey:
    return _key(read_text(file), str(file))


def _key(text: str, place: str) -> Ed25519PrivateKey:
    try:
        return private_key(text)
    except KeyFormatError as error:
        raise UsageError(f"{place}: {error}") from None
