"""Pulumi's Kubernetes plugin as Pulumi itself distributes it: what is installed, or downloaded.

Where neither is to be had it is built like every tool; it is Pulumi's own in each case.
"""

import os
import shutil
import subprocess
from pathlib import Path

from sandbox.toolchain.catalogue import KUBERNETES_PLUGIN
from sandbox.toolchain.go import Go

DOWNLOAD_SECONDS = 60
"""How long the one attempt to download it may take; some 40 MB on a slow line."""


def installed(go: Go) -> Path | None:
    """The plugin of the pinned version in the user's Pulumi, else one downloaded before."""
    users = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    for folder in map(_folder, (users, _home(go))):
        program = folder / KUBERNETES_PLUGIN.name
        partial = folder.with_name(f"{folder.name}.partial")  # Pulumi's mark on unfinished ones
        if program.is_file() and not partial.exists() and not _is_script(program):
            return program
    return None


def download(engine: Path, go: Go) -> Path | None:
    """Let the engine download the plugin for all sandboxes; None where that is not possible."""
    _home(go).mkdir(parents=True, exist_ok=True)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")},
        "PULUMI_HOME": str(_home(go)),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    version = f"v{KUBERNETES_PLUGIN.version}"
    try:
        subprocess.run(
            [engine, "plugin", "install", "resource", "kubernetes", version, "--non-interactive"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=DOWNLOAD_SECONDS,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        shutil.rmtree(_home(go), ignore_errors=True)
        return None
    return installed(go)


def _home(go: Go) -> Path:
    return go.cache / "pulumi"


def _folder(home: Path) -> Path:
    return home / "plugins" / f"resource-kubernetes-v{KUBERNETES_PLUGIN.version}"


def _is_script(program: Path) -> bool:
    """Whether a program is text, as the launchers of a sandbox are, and Pulumi's own is not."""
    with program.open("rb") as stream:
        return stream.read(2) == b"#!"
