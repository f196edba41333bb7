"""Writing files so that whoever reads them, or the next run, never meets half of one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

NEXT = ".next"
"""How the names of files end that have not taken the place of the old ones yet."""


@contextmanager
def prepared(path: Path) -> Iterator[IO[bytes]]:
    """Write what is to take the place of a file, until it is on the disk.

    Raises:
        OSError: it could not be written; nothing is left of it.
    """
    following = _following(path)
    try:
        with following.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        following.unlink(missing_ok=True)
        raise


def put(path: Path) -> None:
    """Let what was prepared take the place of a file, for good."""
    _following(path).replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what a run has prepared that was killed."""
    for path in folder.glob(f"*{NEXT}"):
        path.unlink(missing_ok=True)


def _following(path: Path) -> Path:
    return path.with_name(path.name + NEXT)
