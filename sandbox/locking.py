"""Locks between processes, freed by the kernel however their holder ends."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_POLL_SECONDS = 0.25


@contextmanager
def exclusive(path: Path, *, on_wait: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock file while the body runs.

    Args:
        path: The lock file; it stays behind.
        on_wait: Called with the holder's process id again and again while somebody else holds it;
            may raise to give up.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="ascii") as stream:
        while not try_lock(stream.fileno()):
            stream.seek(0)
            on_wait(stream.read().strip() or "unknown")
            time.sleep(_POLL_SECONDS)
        with suppress(OSError):  # told to those who wait; the lock holds on a full disk too
            stream.seek(0)
            stream.truncate()
            stream.write(str(os.getpid()))
            stream.flush()
        yield


def try_lock(descriptor: int) -> bool:
    """Take the lock of an open file without waiting."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
