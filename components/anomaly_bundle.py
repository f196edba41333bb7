"""The `anomaly/` package as one file that Python runs: a zipapp, the same bytes on every machine.

It goes to the cluster in a ConfigMap, so that the detector's code rolls out with the stack and the
image is a mere runtime.
"""

import hashlib
import io
import zipfile
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "anomaly"
LIMIT = 700 * 1024
"""A ConfigMap holds 1 MiB; base64 makes a third more of the bundle."""

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
        for path in package.rglob("*.py")
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
