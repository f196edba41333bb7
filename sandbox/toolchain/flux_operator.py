"""Makes the Flux Operator's module buildable.

Its main package embeds the files of a web interface that the published module leaves out. So the
verified module is copied, an empty page takes their place, and the committed go.mod, which points
at `./module`, is put beside the copy.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.toolchain.catalogue import FLUX_OPERATOR
from sandbox.toolchain.go import Go
from sandbox.toolchain.sources import FLUX_OPERATOR as MODULE
from sandbox.toolchain.sources import module_folder

_NEEDED = ("go.mod", "go.sum", "api", "cmd/operator", "internal", "web/embed.go")
_PLACEHOLDER = Path("web/dist/index.html")


@contextmanager
def buildable_module(go: Go) -> Iterator[Path]:
    """A temporary folder in which `go build` finds everything."""
    source = module_folder(go, MODULE)
    with tempfile.TemporaryDirectory(prefix="flux-operator-", dir=go.cache) as name:
        folder = Path(name)
        for pin in ("go.mod", "go.sum"):
            _copy(FLUX_OPERATOR.pins / pin, folder / pin)
        for needed in _NEEDED:
            _copy_tree(source / needed, folder / "module" / needed)
        page = folder / "module" / _PLACEHOLDER
        page.parent.mkdir()
        page.write_text("<!doctype html>\n", encoding="utf-8")
        yield folder


def _copy_tree(source: Path, target: Path) -> None:
    """Copy contents only: the module cache is read-only, the copy must not be."""
    files = [source] if source.is_file() else (p for p in source.rglob("*") if p.is_file())
    for file in files:
        _copy(file, target / file.relative_to(source))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source.read_bytes())
