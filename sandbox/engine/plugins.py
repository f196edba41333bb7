"""Puts plugins where the engine looks for them, each tied to the engine that starts it.

The Kubernetes plugin is Pulumi's own. So is the Python language host of a Pulumi of the pinned
version on PATH; elsewhere, as it is published neither as a Go module nor as a wheel, a stand-in
takes its place.
"""

import importlib.metadata
import os
import shlex
import subprocess
import sys
from pathlib import Path

from sandbox.files import write_atomically

LANGUAGE_HOST = "pulumi-language-python"
LANGUAGE_EXECUTOR = "pulumi-language-python-exec"
PROVIDER = "pulumi-resource-kubernetes"
ROOT = Path(__file__).resolve().parents[2]
STAND_IN = "sandbox.engine.language_host"
_TIED = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 15); "
"""PR_SET_PDEATHSIG, SIGTERM: the kernel ends a plugin whose engine ends, even by SIGKILL."""


def place_provider(program: Path, home: Path) -> None:
    """Put a Kubernetes plugin into the engine's home folder."""
    version = importlib.metadata.version("pulumi-kubernetes")
    launcher = home / "plugins" / f"resource-kubernetes-v{version}" / PROVIDER
    code = f"{_TIED}os.execv(sys.argv[1], sys.argv[1:])"
    _write_launcher(launcher, ["-IS", "-c", code, str(program.resolve())])


def place_language_host(folder: Path) -> str:
    """Put a language host beside the engine's executable; returns whose it is, for people."""
    official = _official_host()
    if official is None:
        place_stand_in(folder)
        return "stand-in of the sandbox"
    for program in official:
        link = folder / program.name
        link.unlink(missing_ok=True)
        link.symlink_to(program)
    return "Pulumi's own"


def place_stand_in(folder: Path) -> None:
    """Put the stand-in for the language host beside the engine's executable."""
    (folder / LANGUAGE_EXECUTOR).unlink(missing_ok=True)
    write_module_launcher(folder / LANGUAGE_HOST, STAND_IN)


def write_module_launcher(path: Path, module: str) -> None:
    """Write an executable that runs a module of this checkout with this Python.

    The checkout goes into the module's search path alone: in PYTHONPATH it would reach the
    programs and policy packs that the module starts.
    """
    code = (
        f"{_TIED}import runpy; sys.path[0] = {str(ROOT)!r}; "
        f"runpy.run_module({module!r}, run_name='__main__', alter_sys=True)"
    )
    _write_launcher(path, ["-u", "-c", code])


def _write_launcher(path: Path, arguments: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    command = shlex.join([sys.executable, *arguments])
    write_atomically(path, f'#!/bin/sh\nexec {command} "$@"\n', mode=0o700)


def _official_host() -> list[Path] | None:
    """The programs of a language host on PATH that belongs to a Pulumi of the pinned version."""
    wanted = f"v{importlib.metadata.version('pulumi')}"
    for folder in map(Path, os.get_exec_path()):
        programs = [folder / name for name in (LANGUAGE_HOST, LANGUAGE_EXECUTOR)]
        if all(program.is_file() for program in programs) and _version(folder) == wanted:
            return [program.resolve() for program in programs]
    return None


def _version(folder: Path) -> str:
    """What the engine in a folder says of its version; empty where there is none."""
    try:
        answer = subprocess.run(
            [folder / "pulumi", "version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (subprocess.SubprocessError, OSError):
        return ""
    return answer.stdout.strip()
