"""Builds one tool into the cache: once, whoever asks, and never half.

A file lock lets one process build while others wait; the finished program is renamed into place.
Go's own caches keep what an interrupted build has done, so the next one continues there.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.errors import BuildError
from sandbox.locking import exclusive
from sandbox.toolchain import flux_operator
from sandbox.toolchain.catalogue import FLUX_OPERATOR, Tool
from sandbox.toolchain.failures import toolchain_error
from sandbox.toolchain.go import Go
from sandbox.toolchain.locate import cached_program, says_version

Report = Callable[[str], None]
"""Called with what is being done, in a few words."""

_DOWNLOADING = re.compile(r"^go: downloading (\S+)")
_PACKAGE = re.compile(r"^[\w.~-]+(/[\w.~-]+)*$")
_UNFINISHED = ".unfinished-"
_READABLE_BY_ALL = 0o755


class Builder:
    """Builds tools, from several threads if need be, until it is cancelled."""

    def __init__(self, go: Go, *, parallel: int) -> None:
        self._go = go
        self._parallel = parallel
        self._running: set[subprocess.Popen[str]] = set()
        self._cancelled = False

    def build(self, tool: Tool, report: Report) -> Path:
        """Build the tool unless another process just has; returns the program in the cache."""
        program = cached_program(tool, self._go)
        folder = program.parent
        lock = folder.with_name(f"{folder.name}.lock")

        def on_wait(holder: str) -> None:
            self._refuse_when_cancelled(tool)
            report(f"process {holder} builds it, waiting")

        with exclusive(lock, on_wait=on_wait):
            self._refuse_when_cancelled(tool)
            if program.exists():
                return program
            prefix = f"{_UNFINISHED}{folder.name}-"
            for leftover in folder.parent.glob(f"{prefix}*"):
                shutil.rmtree(leftover)
            unfinished = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
            with _module(tool, self._go) as module:
                self._compile(tool, module, unfinished / tool.name, report)
            unfinished.chmod(_READABLE_BY_ALL)
            unfinished.rename(folder)
        return program

    def cancel(self) -> None:
        """End the builds that run; what they have compiled stays in Go's cache."""
        self._cancelled = True
        for process in tuple(self._running):
            process.terminate()

    def _refuse_when_cancelled(self, tool: Tool) -> None:
        if self._cancelled:
            raise BuildError(f"the build of {tool.name} was cancelled")

    def _compile(self, tool: Tool, module: Path, output: Path, report: Report) -> None:
        command = [str(self._go.program), "build", "-v", f"-p={self._parallel}", "-mod=readonly"]
        with subprocess.Popen(
            [*command, *tool.build_flags, "-o", str(output), tool.package],
            cwd=module,
            env=self._go.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            self._running.add(process)
            lines = _follow(process, tool, report)
        self._running.discard(process)
        if process.returncode:
            raise toolchain_error(f"cannot build {tool.name} {tool.version}", "\n".join(lines))
        if tool.version_arguments is not None and not says_version(output, tool):
            raise BuildError(
                f"{tool.name} was built but does not say it is version {tool.version}; "
                "the catalogue and the go.mod of the tool disagree"
            )


@contextmanager
def _module(tool: Tool, go: Go) -> Iterator[Path]:
    """The folder to build in."""
    if tool is FLUX_OPERATOR:
        with flux_operator.buildable_module(go) as module:
            yield module
    else:
        yield tool.pins


def _follow(process: subprocess.Popen[str], tool: Tool, report: Report) -> list[str]:
    """Report what go prints; returns the lines that are no mere progress."""
    others: list[str] = []
    downloaded = compiled = 0
    for line in process.stderr or ():
        text = line.strip()
        if download := _DOWNLOADING.match(text):
            downloaded += 1
            report(f"downloading module {downloaded}: {download[1]}")
        elif text == tool.package:
            report(f"compiled {compiled} packages, linking")
        elif _PACKAGE.match(text):
            compiled += 1
            report(f"compiled {compiled} packages: {text}")
        else:
            others.append(text)
    return others
