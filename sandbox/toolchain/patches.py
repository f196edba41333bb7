"""Completes modules whose published zip lacks files, and leaves out of others what nobody needs.

The committed go.mod of such a tool points at `./module`, a folder whose files exist only in an
overlay of the go command: every file of the verified module, where it lies in the module cache, and
the files that are added or take the place of others. Nothing of upstream is copied.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.errors import BuildError
from sandbox.toolchain.go import Go, c_compiler
from sandbox.toolchain.sources import (
    CHAOS_MESH,
    FLUX_OPERATOR,
    NFTABLES,
    PULUMI_KUBERNETES_SDK,
    module_folder,
)

_OVERLAID = "module"


@dataclass(frozen=True)
class Patch:
    """What is added to one module."""

    module: str
    """Path of the module, pinned among the sources."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Files by their path in the module."""
    own: Mapping[str, str] = field(default_factory=dict)
    """Files beside the pins by their path in the module."""
    objects: tuple[str, ...] = ()
    """C sources of the module whose compiled form it embeds, beside them and named `.o`."""


PATCHES: Mapping[str, Patch] = {
    # The web interface is a build of its own that only npm makes; nobody opens it here.
    "flux-operator": Patch(FLUX_OPERATOR, texts={"web/dist/index.html": "<!doctype html>\n"}),
    "chaos-mesh": Patch(
        CHAOS_MESH,
        own={"controllers/fx.go": "controllers.go"},
        # What TimeChaos writes into the memory of a process.
        objects=(
            "pkg/time/fakeclock/fake_clock_gettime.c",
            "pkg/time/fakeclock/fake_gettimeofday.c",
        ),
    ),
    "pulumi-kubernetes": Patch(
        PULUMI_KUBERNETES_SDK, own={"go/kubernetes/yaml/v2/kinds.go": "kinds.go"}
    ),
    # Every kernel that has a queue at all has that of x_tables.
    "network-policies": Patch(NFTABLES, own={"expr/queue.go": "nftables-queue.go"}),
}
"""Patch by folder below `sandbox/tools`."""


@dataclass(frozen=True)
class Workplace:
    """Where a go command runs, and what it is told so that it finds everything."""

    folder: Path
    """A folder with go.mod and go.sum."""
    flags: tuple[str, ...] = ()
    """Flags of `go build`."""


def workplace(pins: Path, go: Go, scratch: Path) -> Workplace:
    """The folder of the pins, or for a patched module one that holds the overlay as well.

    Args:
        pins: Folder below `sandbox/tools`.
        go: The toolchain.
        scratch: An empty folder that outlives the build.
    """
    patch = PATCHES.get(pins.name)
    if patch is None:
        return Workplace(pins)
    source = module_folder(go, patch.module)
    files = {file.relative_to(source): file for file in source.rglob("*") if file.is_file()}
    for name, text in patch.texts.items():
        added = files[Path(name)] = scratch / Path(name).name
        added.write_text(text, encoding="utf-8")
    for name, beside in patch.own.items():
        files[Path(name)] = pins / beside
    for name in patch.objects:
        files[Path(name).with_suffix(".o")] = _compiled(source / name, scratch)
    target = scratch / _OVERLAID
    for folder in {name.parent for name in files}:
        (target / folder).mkdir(parents=True, exist_ok=True)  # the C compiler is started in there
    shutil.copytree(pins, scratch, dirs_exist_ok=True)
    table = scratch / "overlay.json"
    replaced = {str(target / name): str(file) for name, file in files.items()}
    table.write_text(json.dumps({"Replace": replaced}), encoding="utf-8")
    return Workplace(scratch, ("-overlay", str(table)))


def _compiled(source: Path, folder: Path) -> Path:
    target = folder / f"{source.stem}.o"
    command = (c_compiler(), "-c", "-fPIE", "-O2", source, "-o", target)
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        raise BuildError(f"cannot compile {source.name}. The compiler says:\n{answer.stderr}")
    return target
