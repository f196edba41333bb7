"""Where the engine works: the CLI with its own home, file backend, secrets and plugins.

Everything lies in the run folder. The checkout is only read, and nothing of the user's own Pulumi
(login, stacks, passphrase) is used or changed.
"""

import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from sandbox.console import MESSAGES
from sandbox.engine.backend import Backend
from sandbox.engine.plugins import PROVIDER, place_language_host, place_provider
from sandbox.engine.project import Overlay, Project
from sandbox.engine.recovery import release_stale_lock, restore_state, settle_pending_creates
from sandbox.errors import EngineError, SandboxError
from sandbox.files import write_atomically
from sandbox.supervision.identity import ProcessIdentity

_GRACE_SECONDS = 10.0


class Toolchain(Protocol):
    """What the workspace needs of the sandbox's tools."""

    def path(self, name: str) -> Path:
        """Return the program of a tool."""

    def link_into(self, folder: Path) -> None:
        """Fill a folder for PATH with all tools."""


@dataclass(frozen=True)
class Workspace:
    """One project, ready for the engine."""

    folder: Path
    """Everything of the engine: programs, home, backend, passphrase, project."""
    kubeconfig: Path | None
    """The way into the cluster; None is the user's own."""
    project: Project
    """The checkout and its copy."""
    language_host: str
    """Whose Python language host is used, for people."""

    @classmethod
    def prepare(
        cls,
        toolchain: Toolchain,
        run_dir: Path,
        project_dir: Path,
        provider: Path | None = None,
        *,
        overlay: Overlay | None = None,
        own_kubeconfig: bool = True,
    ) -> Self:
        """Make, or find again, the workspace of a run folder.

        Args:
            toolchain: The engine, and the tools that are on PATH beside it.
            run_dir: Holds the workspace, and the kubeconfig if it is the sandbox's own.
            project_dir: The checkout.
            provider: A Kubernetes plugin other than the toolchain's.
            overlay: Values that replace some of the stack file's.
            own_kubeconfig: Whether the run folder has the kubeconfig; else it is the user's.
        """
        folder = run_dir.resolve() / "engine"
        for each in (folder, folder / "bin", folder / "home", folder / "backend"):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        project = Project(project_dir.resolve(), folder / "project", overlay)
        if not project.folder.exists():
            project.folder.mkdir()
            project.write_project_file()
        toolchain.link_into(folder / "tools")
        engine = folder / "bin" / "pulumi"
        _place(toolchain.path("pulumi"), engine)
        passphrase = folder / "passphrase"
        if not passphrase.exists():
            write_atomically(passphrase, secrets.token_urlsafe(32))
        place_provider(provider or toolchain.path(PROVIDER), folder / "home")
        return cls(
            folder=folder,
            kubeconfig=run_dir.resolve() / "kubeconfig" if own_kubeconfig else None,
            project=project,
            language_host=place_language_host(engine.parent),
        )

    @property
    def backend(self) -> Backend:
        """The stacks."""
        return Backend(self.folder / "backend", self.project.name)

    def environment(self) -> dict[str, str]:
        """Return the environment in which `pulumi` means this workspace."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")
        }
        path = [self.folder / "bin", self.folder / "tools", Path(sys.executable).parent]
        variables = {
            "PATH": os.pathsep.join([*map(str, path), os.environ.get("PATH", os.defpath)]),
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_BACKEND_URL": self.backend.url,
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.folder / "passphrase"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        }
        if self.kubeconfig:
            variables["KUBECONFIG"] = str(self.kubeconfig)
        return inherited | variables

    def pulumi(self, arguments: Sequence[str], *, check: bool = True) -> int:
        """Run a command of the CLI on this terminal and return its exit code.

        An interrupt reaches the CLI too, which then ends in good order: it is waited for.
        """
        process = subprocess.Popen(
            [self.folder / "bin" / "pulumi", *arguments],
            cwd=self.project.folder,
            env=self.environment(),
        )
        interrupted = False
        while process.poll() is None:
            try:
                process.wait()
            except KeyboardInterrupt:
                interrupted = True
        if interrupted:
            raise KeyboardInterrupt
        if check and process.returncode != 0:
            raise EngineError(f"pulumi {arguments[0]} failed; see its messages above")
        return process.returncode

    def capture(self, arguments: Sequence[str], *, stdin: str = "") -> str:
        """Run a command of the CLI without showing anything; return what it prints."""
        answer = subprocess.run(
            [self.folder / "bin" / "pulumi", *arguments, "--non-interactive"],
            cwd=self.project.folder,
            env=self.environment(),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            command = " ".join(arguments[:2])
            output = (answer.stderr or answer.stdout).strip()
            raise EngineError(f"pulumi {command} failed: {output}")
        return answer.stdout

    def ensure_stack(self, stack: str) -> None:
        """Create the stack if need be, and bring its configuration up to date."""
        self.project.synchronise(stack)
        self._restore(stack)
        if not self.backend.has_stack(stack):
            self.capture(["stack", "init", stack, "--no-select"])
        for name in self.project.missing_secrets(stack):
            self.capture(
                ["config", "set", "--secret", name, "--stack", stack],
                stdin=secrets.token_urlsafe(32),
            )

    def preview(self, stack: str) -> None:
        """Show what `up` would do."""
        self.ensure_stack(stack)
        self.pulumi(["preview", "--stack", stack, *self._flags(stack)])

    def up(self, stack: str) -> None:
        """Bring the stack up; finish what an interrupted run has begun.

        The preview is not skipped: policies about the whole stack only hold there.
        """
        self.ensure_stack(stack)
        self._mend(stack)
        self.pulumi(["up", "--yes", "--stack", stack, *self._flags(stack)])

    def destroy(self, stack: str) -> None:
        """Delete everything the stack has made; needs neither the program nor valid settings."""
        if not self.backend.has_stack(stack):
            return
        with suppress(SandboxError):  # the last copies of what cannot be read now will do
            self.project.synchronise(stack)
        self._restore(stack)
        self._mend(stack)
        self.pulumi(["destroy", "--yes", "--skip-preview", "--stack", stack])

    def _restore(self, stack: str) -> None:
        if restore_state(self.backend, stack):
            MESSAGES.print(
                f"the state of stack {stack!r} was damaged; the engine's backup, one step older, "
                f"takes its place, and {self.backend.state(stack)}.damaged is what it was",
                highlight=False,
                soft_wrap=True,
            )

    def _mend(self, stack: str) -> None:
        release_stale_lock(self, self.backend, stack)
        settle_pending_creates(self, self.backend, stack, self.folder / "mended-state.json")

    def _flags(self, stack: str) -> list[str]:
        progress = [] if sys.stdout.isatty() else ["--suppress-progress"]
        return [*progress, *self.project.policy_arguments(stack)]


def stop_engines(run_dir: Path) -> None:
    """End every engine of a run folder's workspace, whoever started it; their plugins follow."""
    for engine in ProcessIdentity.running(run_dir.resolve() / "engine" / "bin" / "pulumi"):
        engine.stop(_GRACE_SECONDS)


def _place(program: Path, path: Path) -> None:
    """Put a program at a path, as itself: the engine looks for plugins beside its real file."""
    if path.exists() and path.samefile(program):
        return
    fresh = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        os.link(program.resolve(), fresh)
    except OSError:  # another file system
        shutil.copy2(program, fresh)
    fresh.replace(path)
