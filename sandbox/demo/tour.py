"""The tour: a page is read out, and the commands on it are run where they stand.

Owns the way through the page; what there is to see is the page's own, `docs/tour.md`.
"""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from sandbox.errors import TourError

_BLOCK = re.compile(r"^```console live\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n", re.MULTILINE)
_STOPPED = "the tour ends here: `{command}` ended with {code}. Mend it, and take the tour again"


@dataclass(frozen=True)
class Stop:
    """What is told, and the commands that show it."""

    prose: str
    """Markdown."""
    commands: tuple[str, ...]
    """For a shell."""


def stops(page: str) -> Iterator[Stop]:
    """The page from one block of commands to the next; what follows the last has none."""
    start = 0
    for block in _BLOCK.finditer(page):
        yield Stop(page[start : block.start()].strip(), tuple(_COMMAND.findall(block[1])))
        start = block.end()
    yield Stop(page[start:].strip(), ())


def take(
    page: str,
    *,
    folder: Path,
    environment: Mapping[str, str],
    console: Console,
    on_stop: Callable[[], None],
) -> None:
    """Read the page out and run its commands.

    Args:
        page: Markdown; blocks marked `console live` are run.
        folder: Where commands run.
        environment: What they see.
        console: Where it is read out.
        on_stop: Called before the commands of a stop are run.

    Raises:
        TourError: when a command fails.
    """
    for stop in stops(page):
        console.print(Markdown(stop.prose), "")
        if stop.commands:
            on_stop()
        for command in stop.commands:
            console.print(f"$ {command}", style="bold green", markup=False, highlight=False)
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", command],
                cwd=folder,
                env=dict(environment),
                check=False,
            )
            if done.returncode:
                raise TourError(_STOPPED.format(command=command, code=done.returncode))
            console.print()
