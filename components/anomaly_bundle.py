"""What the pod needs of `anomaly/` as one file that Python runs, the same bytes on every machine.

The zipapp goes to the cluster in a ConfigMap, so that the detector's code rolls out with the stack
and the image is a mere runtime. It holds what the pod's commands import and no more: what people
run on their machines, to replay, grade and draw, stays out of it.
"""

import ast
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "anomaly"
LIMIT = 700 * 1024
"""A ConfigMap holds 1 MiB; base64 makes a third more of the bundle."""

ROOTS = ("__init__.py", "cli/main.py", "cli/run.py", "cli/check.py")
"""Where the pod begins; the other commands are only looked for."""

EPOCH = (1980, 1, 1, 0, 0, 0)
FILE_MODE = 0o100644
START = b"import sys\n\nfrom anomaly.cli import main\n\nsys.exit(main())\n"


class BundleError(Exception):
    """The package does not fit into a ConfigMap."""


def bundle(package: Path = PACKAGE) -> bytes:
    """Pack the modules of a package.

    Raises:
        BundleError: when they are too much for a ConfigMap.
    """
    sources = {
        f"{package.name}/{path.relative_to(package).as_posix()}": path.read_bytes()
        for path in _needed(package)
    }
    sources["__main__.py"] = START
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(sources):
            # Stored, not compressed: what zlib makes of it differs from one machine to the next.
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, wherever it is packed
            entry.external_attr = FILE_MODE << 16
            archive.writestr(entry, sources[name])
    packed = buffer.getvalue()
    if len(packed) > LIMIT:
        raise BundleError(
            f"the {package.name} package is {len(packed)} bytes packed; "
            f"a ConfigMap holds {LIMIT}, move what is large elsewhere"
        )
    return packed


def fingerprint(content: bytes) -> str:
    """Short name of some content, for object names that change with it."""
    return hashlib.sha256(content).hexdigest()[:10]


def _needed(package: Path) -> set[Path]:
    """The modules that the pod's commands import, and those that these do."""
    found: set[Path] = set()
    waiting = [package / name for name in ROOTS]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imports(path, package)
    return found


def _imports(path: Path, package: Path) -> Iterator[Path]:
    """Modules of the package that one of them imports, and the packages that these are in."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            first, *inner = name.split(".")
            if first == package.name:
                yield from _modules(package, inner)


def _modules(package: Path, inner: list[str]) -> Iterator[Path]:
    """The files that a dotted name within a package leads through; of what is no module, none."""
    for length in range(len(inner) + 1):
        place = package.joinpath(*inner[:length])
        yield from filter(Path.is_file, (place / "__init__.py", place.with_suffix(".py")))
