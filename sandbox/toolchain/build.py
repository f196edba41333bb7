"""Builds tools into the cache: once, whoever asks, and never half.

Tools of one recipe are built by one go command, so that what they share is compiled once and at the
same time. File locks let one process build while others wait; finished programs are renamed into
place. Go's own caches keep what an interrupted build has done, so the next one continues there.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sandbox import debian
from sandbox.errors import BuildError
from sandbox.locking import exclusive
from sandbox.toolchain.catalogue import Recipe, Tool
from sandbox.toolchain.failures import toolchain_error
from sandbox.toolchain.go import Go
from sandbox.toolchain.locate import cached_program, says_version
from sandbox.toolchain.patches import workplace

Report = Callable[[str], None]
"""Called with what is being done, in a few words."""

_DOWNLOADING = re.compile(r"^go: downloading (\S+)")
_PACKAGE = re.compile(r"^[\w.~-]+(/[\w.~-]+)*$")
_UNFINISHED = ".unfinished-"
_READABLE_BY_ALL = 0o755


@dataclass(frozen=True)
class Batch:
    """Tools of one recipe."""

    recipe: Recipe
    """What they have in common."""
    tools: tuple[Tool, ...]
    """At least one."""

    @cached_property
    def title(self) -> str:
        """What it is called while it is built."""
        first, *others = (tool.name for tool in self.tools)
        return f"{first} and {len(others)} more" if others else first

    @property
    def flags(self) -> tuple[str, ...]:
        """Flags of `go build`: a variable that a program does not have is no concern of it."""
        variables = dict.fromkeys(v for tool in self.tools for v in tool.variables)
        return self.recipe.flags(variables)


def batches(tools: Iterable[Tool]) -> list[Batch]:
    """The tools by recipe, in the order of the first of each."""
    by_recipe: dict[Recipe, list[Tool]] = {}
    for tool in tools:
        by_recipe.setdefault(tool.recipe, []).append(tool)
    return [Batch(recipe, tuple(alike)) for recipe, alike in by_recipe.items()]


class Builder:
    """Builds batches, from several threads if need be, until it is cancelled."""

    def __init__(self, go: Go) -> None:
        self._go = go
        self._running: set[subprocess.Popen[str]] = set()
        self._cancelled = False

    def build(self, batch: Batch, report: Report) -> dict[str, Path]:
        """Build what no other process just has; returns the programs in the cache by name."""
        programs = {tool.name: cached_program(tool, self._go) for tool in batch.tools}

        def on_wait(holder: str) -> None:
            self._refuse_when_cancelled(batch)
            report(f"process {holder} builds it, waiting")

        with ExitStack() as locks:
            for folder in sorted(program.parent for program in programs.values()):
                lock = folder.with_name(f"{folder.name}.lock")
                locks.enter_context(exclusive(lock, on_wait=on_wait))
            self._refuse_when_cancelled(batch)
            missing = tuple(tool for tool in batch.tools if not programs[tool.name].exists())
            if missing:
                self._build(Batch(batch.recipe, missing), programs, report)
        return programs

    def cancel(self) -> None:
        """End the builds that run; what they have compiled stays in Go's cache."""
        self._cancelled = True
        for process in tuple(self._running):
            process.terminate()

    def _refuse_when_cancelled(self, batch: Batch) -> None:
        if self._cancelled:
            raise BuildError(f"the build of {batch.title} was cancelled")

    def _build(self, batch: Batch, programs: dict[str, Path], report: Report) -> None:
        """Compile beside the final places, under a name that the next build of them clears."""
        for folder in (program.parent for program in programs.values()):
            for leftover in folder.parent.glob(f"{_UNFINISHED}{folder.name}-*"):
                shutil.rmtree(leftover)
        first = programs[batch.tools[0].name].parent
        unfinished = Path(tempfile.mkdtemp(prefix=f"{_UNFINISHED}{first.name}-", dir=first.parent))
        try:
            for tool, program in self._compile(batch, unfinished, report).items():
                self._check_version(tool, program)
                finished = unfinished / "finished"
                finished.mkdir()
                program.rename(finished / tool.name)
                finished.chmod(_READABLE_BY_ALL)
                finished.rename(programs[tool.name].parent)
        finally:
            shutil.rmtree(unfinished)

    def _compile(self, batch: Batch, unfinished: Path, report: Report) -> dict[Tool, Path]:
        outputs = _outputs(batch.tools, unfinished)
        scratch = unfinished / "scratch"
        scratch.mkdir()
        place = workplace(batch.tools[0].pins, self._go, scratch)
        command = (
            *(str(self._go.program), "build", "-v", "-mod=readonly"),
            *batch.flags,
            *place.flags,
            *("-o", str(outputs[batch.tools[0]]) if len(outputs) == 1 else f"{unfinished}/"),
            *(tool.package for tool in batch.tools),
        )
        with subprocess.Popen(
            command,
            cwd=place.folder,
            env=self._environment(batch),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            self._running.add(process)
            lines = _follow(process, batch, report)
        self._running.discard(process)
        if process.returncode:
            versions = ", ".join(f"{tool.name} {tool.version}" for tool in batch.tools)
            raise toolchain_error(f"cannot build {versions}", "\n".join(lines))
        return outputs

    def _environment(self, batch: Batch) -> dict[str, str]:
        environment = self._go.environment(cgo=batch.recipe.cgo)
        if batch.recipe.cgo:
            environment |= debian.packages(self._go.cache).cgo_environment()
        return environment

    def _check_version(self, tool: Tool, program: Path) -> None:
        if tool.version_arguments is not None and not says_version(program, tool):
            raise BuildError(
                f"{tool.name} was built but does not say it is version {tool.version}; "
                "the catalogue and the go.mod of the tool disagree"
            )


def _outputs(tools: Sequence[Tool], folder: Path) -> dict[Tool, Path]:
    """Where the go command puts the programs: several ones are named after their packages."""
    if len(tools) == 1:
        return {tools[0]: folder / tools[0].name}
    return {tool: folder / tool.package.rsplit("/", 1)[-1] for tool in tools}


def _follow(process: subprocess.Popen[str], batch: Batch, report: Report) -> list[str]:
    """Report what go prints; returns the lines that are no mere progress."""
    others: list[str] = []
    mains = {tool.package for tool in batch.tools}
    downloaded = compiled = 0
    for line in process.stderr or ():
        text = line.strip()
        if download := _DOWNLOADING.match(text):
            downloaded += 1
            report(f"downloading module {downloaded}: {download[1]}")
        elif _PACKAGE.match(text):
            compiled += 1
            linking = ", linking" if text in mains else ""
            report(f"compiled {compiled} packages{linking}: {text}")
        else:
            others.append(text)
    return others
