"""How building is shown: live bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Iterable
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

_LINE_EVERY_SECONDS = 20.0


class BuildProgress(Protocol):
    """Told by the builders what each of them does at the moment; may be called from threads."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop showing."""

    def begin(self, name: str) -> None:
        """Its turn has come."""

    def doing(self, name: str, what: str) -> None:
        """Replace what it is shown to do."""

    def finish(self, name: str) -> None:
        """It is ready."""


def build_progress(console: Console, names: Iterable[str]) -> BuildProgress:
    """The kind of progress that suits the console."""
    return _Bars(console, names) if console.is_terminal else _Lines(console)


class _Bars:
    """One live line per batch of tools."""

    def __init__(self, console: Console, names: Iterable[str]) -> None:
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.fields[name]:<34}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.description}"),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {
            name: self._progress.add_task("queued", name=name, total=1, start=False)
            for name in names
        }

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def begin(self, name: str) -> None:
        self._progress.start_task(self._tasks[name])

    def doing(self, name: str, what: str) -> None:
        self._progress.update(self._tasks[name], description=what)

    def finish(self, name: str) -> None:
        self._progress.update(self._tasks[name], description="ready", completed=1)


class _Lines:
    """A line when a batch begins and ends, and now and then between."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._begun: dict[str, float] = {}
        self._last_line: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return

    def begin(self, name: str) -> None:
        self._begun[name] = self._last_line[name] = time.monotonic()
        self._print(name, "building")

    def doing(self, name: str, what: str) -> None:
        if time.monotonic() - self._last_line[name] >= _LINE_EVERY_SECONDS:
            self._last_line[name] = time.monotonic()
            self._print(name, what)

    def finish(self, name: str) -> None:
        self._print(name, "ready")

    def _print(self, name: str, what: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self._begun[name]), 60)
        self._console.print(f"{name}: {what} ({minutes}:{seconds:02d})", highlight=False)
