"""Which plugins the engine is given: Pulumi's own where they can be had, stand-ins elsewhere.

The engine looks for the language host beside its own executable, and for provider plugins in its
home folder. This module fills both places.
"""

import importlib.metadata
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sandbox.errors import UsageError
from sandbox.files import write_atomically

LANGUAGE_HOST = "pulumi-language-python"
LANGUAGE_EXECUTOR = "pulumi-language-python-exec"
PROVIDER = "pulumi-resource-kubernetes"
ROOT = Path(__file__).resolve().parents[2]
CHOICE_VARIABLE = "BRISA_PLUGINS"
DOWNLOAD_SECONDS = 60
"""How long the one attempt to download a plugin may take; some 40 MB on a slow line."""


class Choice(StrEnum):
    """Which plugins to use."""

    AUTO = "auto"
    """Pulumi's own when they are installed or can be downloaded, else the stand-ins."""
    OFFICIAL = "official"
    """Pulumi's own, or an error."""
    STANDIN = "standin"
    """The stand-ins; nothing is looked for and nobody is contacted."""

    @classmethod
    def from_environment(cls) -> "Choice":
        """Read the choice people make with a variable."""
        value = os.environ.get(CHOICE_VARIABLE) or cls.AUTO
        try:
            return cls(value)
        except ValueError:
            allowed = ", ".join(cls)
            raise UsageError(
                f"{CHOICE_VARIABLE} is {value!r}; it must be one of {allowed}"
            ) from None


@dataclass(frozen=True)
class Plugins:
    """What the engine was given."""

    language_host: str
    """For people: whose language host it is."""
    provider: str
    """For people: whose Kubernetes plugin it is."""
    official: bool
    """Whether all of them are Pulumi's own."""

    def __str__(self) -> str:
        return f"{self.language_host}; {self.provider}"


@dataclass(frozen=True)
class PluginFolders:
    """Where the engine will look."""

    bin: Path
    """The folder of the engine's executable."""
    home: Path
    """The engine's home folder."""
    engine: Path
    """The engine's executable, for downloads."""

    def install(self, choice: Choice) -> Plugins:
        """Put the plugins in place."""
        has_host = choice is not Choice.STANDIN and self._link_official_host()
        has_provider = choice is not Choice.STANDIN and self._link_official_provider()
        if choice is Choice.OFFICIAL and not (has_host and has_provider):
            missing = PROVIDER if has_host else LANGUAGE_HOST
            raise UsageError(
                f"{CHOICE_VARIABLE}=official, but {missing} of the pinned version is neither "
                "installed nor to be downloaded; install Pulumi, or choose auto or standin"
            )
        if not has_host:
            write_launcher(self.bin / LANGUAGE_HOST, "sandbox.engine.language_host")
        if not has_provider:
            write_launcher(self._provider, "sandbox.engine.kubernetes")
        return Plugins(
            language_host=f"Python language host: {_whose(official=has_host)}",
            provider=f"Kubernetes plugin: {_whose(official=has_provider)}",
            official=has_host and has_provider,
        )

    @property
    def _provider(self) -> Path:
        return _provider_folder(self.home) / PROVIDER

    def _link_official_host(self) -> bool:
        """Use the language host of a Pulumi of the same version on PATH."""
        for folder in map(Path, os.get_exec_path()):
            host, executor = folder / LANGUAGE_HOST, folder / LANGUAGE_EXECUTOR
            if not (host.is_file() and executor.is_file()) or _is_script(host):
                continue
            if _version(folder / "pulumi") == f"v{importlib.metadata.version('pulumi')}":
                for program in (host, executor):
                    _link(program, self.bin / program.name)
                return True
        return False

    def _link_official_provider(self) -> bool:
        """Use the provider plugin of the user's Pulumi, or download it, once."""
        users = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
        installed = _provider_folder(users) / PROVIDER
        if installed.is_file() and not _is_script(installed):
            _link(installed, self._provider)
            return True
        if self._provider.is_file() and not _is_script(self._provider):
            return True
        return self._download_provider()

    def _download_provider(self) -> bool:
        failed_before = self.home / "no-download"
        if failed_before.exists():
            return False
        version = _provider_version()
        command = [self.engine, "plugin", "install", "resource", "kubernetes", version]
        environment = os.environ | {"PULUMI_HOME": str(self.home), "PULUMI_SKIP_UPDATE_CHECK": "1"}
        try:
            subprocess.run(
                [*map(str, command), "--non-interactive"],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=DOWNLOAD_SECONDS,
                check=True,
            )
        except (subprocess.SubprocessError, OSError):
            shutil.rmtree(_provider_folder(self.home), ignore_errors=True)
            failed_before.touch()
            return False
        return True


def _provider_version() -> str:
    return f"v{importlib.metadata.version('pulumi-kubernetes')}"


def _provider_folder(home: Path) -> Path:
    return home / "plugins" / f"resource-kubernetes-{_provider_version()}"


def _whose(*, official: bool) -> str:
    return "Pulumi's own" if official else "stand-in of the sandbox"


def _is_script(program: Path) -> bool:
    """Whether a program is text: Pulumi's own are not, the launchers of a sandbox are."""
    with program.open("rb") as stream:
        return stream.read(2) == b"#!"


def _version(engine: Path) -> str:
    try:
        answer = subprocess.run(
            [engine, "version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return ""
    return answer.stdout.strip()


def _link(program: Path, link: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(program.resolve())


def write_launcher(path: Path, module: str) -> None:
    """Write an executable that runs a module of this checkout with this Python.

    The checkout goes into the module's search path alone: in PYTHONPATH it would reach the
    programs and policy packs that the module starts.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    code = (
        f"import runpy, sys; sys.path[0] = {str(ROOT)!r}; "
        f"runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    )
    path.unlink(missing_ok=True)
    write_atomically(
        path,
        f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -u -c {shlex.quote(code)} "$@"\n',
        mode=0o700,
    )
