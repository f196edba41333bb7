"""One changing command per sandbox at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.console import MESSAGES
from sandbox.folder import SandboxFolder
from sandbox.locking import exclusive


@contextmanager
def changing(folder: SandboxFolder) -> Iterator[None]:
    """Hold the sandbox's lock; says once for whom it waits."""
    told = False

    def on_wait(holder: str) -> None:
        nonlocal told
        if not told:
            MESSAGES.print(f"another command (process {holder}) changes this sandbox, waiting")
        told = True

    with exclusive(folder.lock, on_wait=on_wait):
        yield
