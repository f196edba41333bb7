"""Finding a tool that is already on this machine: installed, or in the cache."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from sandbox.toolchain import plugin
from sandbox.toolchain.catalogue import KUBERNETES_PLUGIN, Tool
from sandbox.toolchain.go import Go

_ASSETS_VARIABLE = "KUBEBUILDER_ASSETS"
_VERSION_SECONDS = 30
_HASH_LENGTH = 12


def find(tool: Tool, go: Go) -> Path | None:
    """The tool at the right version: from PATH or KUBEBUILDER_ASSETS, else from the cache."""
    cached = _cached(tool, go)
    installed = plugin.installed(go) if tool is KUBERNETES_PLUGIN else _installed(tool)
    if installed and cached and installed.samefile(cached):
        return cached  # what a sandbox has put on PATH goes away with that sandbox
    return installed or cached


def cached_program(tool: Tool, go: Go) -> Path:
    """Where the cache keeps the tool; the name changes with everything it is built from."""
    digest = hashlib.sha256()
    for source in (*_files(tool.pins), *_own_sources(tool)):
        digest.update(source.read_bytes())
    digest.update("\0".join((tool.package, *tool.build_flags, go.version)).encode())
    key = f"{tool.name}-{tool.version}-{digest.hexdigest()[:_HASH_LENGTH]}"
    return go.cache / "bin" / key / tool.name


def _own_sources(tool: Tool) -> list[Path]:
    """The files of a main package in a folder of its own beside the pins."""
    return _files(tool.pins / tool.package) if tool.package.startswith("./") else []


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def says_version(program: Path, tool: Tool) -> bool:
    """Whether the program runs and says it is the tool's version."""
    if tool.version_arguments is None:
        return False
    try:
        answer = subprocess.run(
            [program, *tool.version_arguments],
            capture_output=True,
            text=True,
            timeout=_VERSION_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    exactly = re.compile(rf"(?<![\d.]){re.escape(tool.version)}(?![\w.-])")
    return answer.returncode == 0 and exactly.search(answer.stdout + answer.stderr) is not None


def _installed(tool: Tool) -> Path | None:
    folders = [os.environ.get(_ASSETS_VARIABLE, ""), *os.get_exec_path()]
    found = shutil.which(tool.name, path=os.pathsep.join(filter(None, folders)))
    if found is None or not says_version(Path(found), tool):
        return None
    return Path(found).resolve()


def _cached(tool: Tool, go: Go) -> Path | None:
    program = cached_program(tool, go)
    return program if program.exists() else None
