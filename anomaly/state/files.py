"""Writing files so that whoever reads them, or the next run, never meets half of one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

NEXT = ".next"
"""How the names of files end that have not taken the place of the old ones yet."""


def following(path: Path) -> Path:
    """Where what is to take the place of a file is written."""
    return path.with_name(path.name + NEXT)


@contextmanager
def prepared(path: Path) -> Iterator[IO[bytes]]:
    """Write what is to take the place of a file, until it is on the disk.

    Raises:
        OSError: it could not be written; nothing is left of it.
    """
    try:
        with following(path).open("wb") as stream:
            yield stream
            close_durably(stream)
    except BaseException:
        drop(path)
        raise


def close_durably(stream: IO[bytes]) -> None:
    """See to it that what was written is on the disk."""
    stream.flush()
    os.fsync(stream.fileno())
    stream.close()


def put(path: Path) -> None:
    """Let what was prepared take the place of a file, for good."""
    following(path).replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def drop(path: Path) -> None:
    """Remove what was prepared to take the place of a file."""
    following(path).unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what a run has prepared that was killed."""
    for path in folder.glob(f"*{NEXT}"):
        path.unlink(missing_ok=True)
