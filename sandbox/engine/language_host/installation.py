"""Installs a program's dependencies, as `pulumi install` asks the host to.

A virtual environment when the options name one, then pip with `requirements.txt`. Other package
managers belong to the official host.
"""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from pulumi.runtime.proto import language_pb2

from sandbox.engine.language_host.children import Children
from sandbox.engine.language_host.interpreter import (
    activate,
    ambient_python,
    resolve,
    virtualenv_path,
)
from sandbox.engine.language_host.streams import Chunk, stream


class InstallationError(Exception):
    """A step of the installation failed; what it printed has been passed on."""


def install(info: language_pb2.ProgramInfo, children: Children) -> Iterator[Chunk]:
    """Run the steps one after another, passing on what they print."""
    directory = Path(info.program_directory)
    virtualenv = virtualenv_path(info)
    if virtualenv is not None and not (virtualenv / "bin" / "python").exists():
        environment = activate(virtualenv, os.environ)
        command = [ambient_python(os.environ), "-m", "venv", str(virtualenv)]
        yield from _step("creating the virtual environment", command, environment, info, children)
    if (directory / "requirements.txt").exists():
        python = resolve(info, os.environ)
        command = [python.executable, "-m", "pip", "install", "-r", "requirements.txt"]
        yield from _step(
            "installing the dependencies", command, dict(python.environment), info, children
        )


def _step(
    what: str,
    command: list[str],
    environment: dict[str, str],
    info: language_pb2.ProgramInfo,
    children: Children,
) -> Iterator[Chunk]:
    process: subprocess.Popen[bytes] = children.start(
        command, cwd=info.program_directory, environment=environment, piped=True
    )
    yield from stream(process)
    if process.wait() != 0:
        raise InstallationError(
            f"{what} failed: {' '.join(command)}: exit code {process.returncode}"
        )
