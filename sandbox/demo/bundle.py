"""The Git server as one file that Python runs: the program and dulwich, whose protocol it speaks.

It goes to the cluster in a ConfigMap, so that any image with Python will do.
"""

import importlib.util
import io
import zipfile
from pathlib import Path

PROGRAM = Path(__file__).parent / "programs" / "git_server.py"
_LIBRARY = "dulwich"
_FOR_PEOPLE = {"cli.py", "porcelain.py", "porcelain", "contrib", "cloud", "tests"}
"""Parts of the library that no server loads."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def git_server() -> bytes:
    """Pack it; the same sources give the same bytes."""
    library = _folder(_LIBRARY)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        _add(archive, "__main__.py", PROGRAM)
        for source in sorted(library.rglob("*.py")):
            path = source.relative_to(library)
            if not _FOR_PEOPLE.intersection(path.parts):
                _add(archive, f"{_LIBRARY}/{path.as_posix()}", source)
    return packed.getvalue()


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed; `make install` does it")
    return Path(found.origin).parent


def _add(archive: zipfile.ZipFile, name: str, source: Path) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, source.read_bytes())
