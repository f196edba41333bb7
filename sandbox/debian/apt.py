"""Asks apt for packages without installing any.

The lists of this machine are used as they are; only where they are missing or outdated are they
fetched, into a folder of the cache, so that nothing of the machine changes.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sandbox.errors import RegistryError

_ARCHIVE = re.compile(r"^'\S+' ([a-z0-9.+-]+)_(\S+)_\w+\.deb ", re.MULTILINE)
_SHOWN_LINES = 8


class Apt:
    """The package lists, and downloads that apt verifies."""

    def __init__(self, folder: Path) -> None:
        """Use apt with a folder for lists of its own."""
        self._folder = folder

    def download(self, names: Sequence[str], target: Path) -> list[Path]:
        """Download the packages, and those they need, that are not installed on this machine."""
        try:
            return self._download(names, target, ())
        except RegistryError:
            return self._download(names, target, self._private_lists())

    def _download(self, names: Sequence[str], target: Path, options: Sequence[str]) -> list[Path]:
        planned = self._run(
            *options,
            *("-o", "Debug::NoLocking=1", "--print-uris", "--yes"),
            *("--no-install-recommends", "install", *names),
        )
        wanted = [
            f"{name}={version.replace('%3a', ':')}" for name, version in _ARCHIVE.findall(planned)
        ]
        if wanted:
            self._run(*options, "-o", "APT::Sandbox::User=", "download", *wanted, folder=target)
        return sorted(target.glob("*.deb"))

    def _private_lists(self) -> tuple[str, ...]:
        for name in ("lists/partial", "cache"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        options = (
            *("-o", f"Dir::State::lists={self._folder / 'lists'}"),
            *("-o", f"Dir::Cache={self._folder / 'cache'}"),
            *("-o", "APT::Sandbox::User="),
        )
        self._run(*options, "update")
        return options

    def _run(self, *arguments: str, folder: Path | None = None) -> str:
        answer = subprocess.run(
            ["apt-get", "--quiet", *arguments],
            cwd=folder,
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            lines = (answer.stdout + answer.stderr).strip().splitlines()[-_SHOWN_LINES:]
            raise RegistryError(
                "cannot download Debian packages; check the network and the sources of apt, and "
                "run the same command again. apt says:\n" + "\n".join(lines)
            )
        return answer.stdout
