"""Passes on what a process prints, while it prints it."""

import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from queue import SimpleQueue
from typing import IO

READ_SIZE = 65_536


class Stream(Enum):
    """Where a process has written to."""

    STDOUT = "stdout"
    STDERR = "stderr"


@dataclass(frozen=True)
class Chunk:
    """Something a process has written."""

    stream: Stream
    """Which of its two outputs."""
    data: bytes
    """What it wrote, cut anywhere."""


def stream(process: subprocess.Popen[bytes]) -> Iterator[Chunk]:
    """Yield both outputs of a piped process in the order they arrive, until both are closed."""
    chunks: SimpleQueue[Chunk | None] = SimpleQueue()
    pipes = {Stream.STDOUT: process.stdout, Stream.STDERR: process.stderr}
    for which, pipe in pipes.items():
        assert pipe is not None  # noqa: S101 - the process was started with pipes
        threading.Thread(target=_pump, args=(which, pipe, chunks), daemon=True).start()
    open_pipes = len(pipes)
    while open_pipes:
        chunk = chunks.get()
        if chunk is None:
            open_pipes -= 1
        else:
            yield chunk


def _pump(which: Stream, pipe: IO[bytes], chunks: SimpleQueue[Chunk | None]) -> None:
    with pipe:
        while data := os.read(pipe.fileno(), READ_SIZE):
            chunks.put(Chunk(which, data))
    chunks.put(None)
