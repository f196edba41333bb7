"""Stages the charts into `.sandbox/charts`, where the sandbox stack refers to them.

`charts` is a link to a folder named after everything its content depends on. It is swapped at once
when a pin changes, so that no reader ever sees a half-staged chart.
"""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from sandbox.charts import flux_operator
from sandbox.locking import exclusive
from sandbox.toolchain.go import Go
from sandbox.toolchain.sources import CHAOS_MESH, FLUX_OPERATOR, ISTIO, PINS, module_folder

_COPIED = {
    "base": (ISTIO, "manifests/charts/base"),
    "istiod": (ISTIO, "manifests/charts/istio-control/istio-discovery"),
    "chaos-mesh": (CHAOS_MESH, "helm/chaos-mesh"),
}
_HASH_LENGTH = 12


def stage_charts(charts: Path, go: Go) -> None:
    """Make `charts` hold one folder per chart: base, istiod, chaos-mesh and flux-operator."""
    staged = charts.with_name(f"{charts.name}-{_fingerprint()}")
    if charts.is_symlink() and charts.readlink() == Path(staged.name) and staged.is_dir():
        return
    # One after the other; who waited finds the folder filled.
    with exclusive(charts.with_name(f".{charts.name}.lock"), on_wait=lambda _: None):
        if not staged.is_dir():
            _fill(staged, go)
        fresh = charts.with_name(f".{charts.name}-{os.getpid()}")
        fresh.symlink_to(staged.name)
        fresh.replace(charts)
        for outdated in charts.parent.glob(f"{charts.name}-*"):
            if outdated != staged:
                shutil.rmtree(outdated)


def _fill(staged: Path, go: Go) -> None:
    with tempfile.TemporaryDirectory(prefix=".charts-", dir=staged.parent) as name:
        unfinished = Path(name) / "charts"
        for chart, (source, path) in _COPIED.items():
            _copy(module_folder(go, source) / path, unfinished / chart)
        operator = module_folder(go, FLUX_OPERATOR)
        flux_operator.write_chart(operator, unfinished / flux_operator.NAME)
        unfinished.rename(staged)


def _fingerprint() -> str:
    """Changes with the pins and with the code that makes charts of them."""
    digest = hashlib.sha256()
    for source in (PINS / "go.sum", Path(__file__), Path(flux_operator.__file__)):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:_HASH_LENGTH]


def _copy(source: Path, target: Path) -> None:
    """Copy contents only: the module cache is read-only, the copy must be removable."""
    for file in source.rglob("*"):
        if file.is_file():
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
