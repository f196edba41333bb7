"""Turns what the go command printed into one clear line."""

import re

from sandbox.errors import BuildError, DiskFullError, RegistryError, ToolchainError

_DISK_FULL = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
_UNREACHABLE = re.compile(
    r"dial tcp|no such host|connection refused|connection reset|i/o timeout|network is unreachable"
    r"|TLS handshake|proxyconnect|server misbehaving|context deadline exceeded"
    r"|module lookup disabled by GOPROXY=off|: 50\d |unexpected EOF",
    re.IGNORECASE,
)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_SHOWN_LINES = 15


def toolchain_error(what: str, output: str) -> ToolchainError:
    """The error that says what happened and what to do; credentials in URLs are left out."""
    output = _CREDENTIALS.sub("", output)
    lines = [line for line in output.splitlines() if line.strip()]
    if _DISK_FULL.search(output):
        return DiskFullError(
            f"{what}: no space left on the disk; free some and run the same command again"
        )
    unreachable = next((line for line in lines if _UNREACHABLE.search(line)), None)
    if unreachable is not None:
        return RegistryError(
            f"{what}: the Go module proxy cannot be reached ({unreachable.strip()}); check the "
            "network or GOPROXY and run the same command again, it continues where it stopped"
        )
    return BuildError("\n".join((f"{what}. The go command says:", *lines[-_SHOWN_LINES:])))
