"""Writes a tree as an OCI image archive, the same to the last byte whenever and wherever.

An image has one layer: entries in the order of their paths, owned by root, without times. The
archive is an OCI layout in a tar file, which `ctr images import` loads.
"""

import gzip
import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from sandbox.images.tree import Entry, File, Folder, Link, Text, Tree

_MEDIA_TYPE = "application/vnd.oci.image"
_NAME = "io.containerd.image.name"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_COMPRESSION = 1  # the layer is unpacked once, on this machine
_BLOCK = 1 << 20


@dataclass(frozen=True)
class _Blob:
    """A part of the image that others name by its digest."""

    kind: str
    path: Path
    digest: str

    @classmethod
    def of(cls, kind: str, path: Path, content: bytes | None = None) -> "_Blob":
        if content is not None:
            path.write_bytes(content)
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return cls(kind, path, f"sha256:{digest}")

    def described(self) -> dict[str, Any]:
        return {
            "mediaType": f"{_MEDIA_TYPE}.{self.kind}",
            "digest": self.digest,
            "size": self.path.stat().st_size,
        }


def write_archive(
    tree: Tree,
    config: Mapping[str, Any],
    references: Sequence[str],
    target: Path,
    scratch: Path,
) -> str:
    """Write the archive; returns the image's digest.

    Args:
        tree: What is in it.
        config: How its containers run, in OCI's words.
        references: Its names and tags; it gets each name with the digest as well.
        target: The archive.
        scratch: An empty folder for parts.
    """
    layer = scratch / "layer.tar"
    with layer.open("wb") as stream:
        _write_layer(tree, stream)
    uncompressed = _Blob.of("", layer).digest
    packed = scratch / "layer.tar.gz"
    _compress(layer, packed)
    system = {"architecture": _ARCHITECTURES[platform.machine()], "os": "linux"}
    settings = _Blob.of(
        "config.v1+json",
        scratch / "config.json",
        _json(
            system
            | {
                "config": dict(config),
                "rootfs": {"type": "layers", "diff_ids": [uncompressed]},
                "history": [{"created_by": "brisa-platform"}],
            }
        ),
    )
    content = _Blob.of("layer.v1.tar+gzip", packed)
    manifest = _Blob.of(
        "manifest.v1+json",
        scratch / "manifest.json",
        _json(_document("manifest", config=settings.described(), layers=[content.described()])),
    )
    pinned = [f"{reference.rpartition(':')[0]}@{manifest.digest}" for reference in references]
    index = [
        manifest.described() | {"platform": system, "annotations": {_NAME: name}}
        for name in (*references, *pinned)
    ]
    with tarfile.open(target, "w") as archive:
        _add(archive, "oci-layout", Text(_json({"imageLayoutVersion": "1.0.0"})))
        _add(archive, "index.json", Text(_json(_document("index", manifests=index))))
        for blob in sorted((settings, content, manifest), key=lambda blob: blob.digest):
            _add(archive, f"blobs/{blob.digest.replace(':', '/')}", File(blob.path))
    return manifest.digest


def _document(kind: str, **fields: Any) -> dict[str, Any]:
    return {"schemaVersion": 2, "mediaType": f"{_MEDIA_TYPE}.{kind}.v1+json", **fields}


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _write_layer(tree: Tree, stream: IO[bytes]) -> None:
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as layer:
        for path, entry in tree:
            _add(layer, str(path.relative_to(PurePosixPath("/"))), entry)


def _add(archive: tarfile.TarFile, name: str, entry: Entry) -> None:
    info = tarfile.TarInfo(name)  # owned by root, of the year 1970
    match entry:
        case Folder(mode):
            info.type, info.mode = tarfile.DIRTYPE, mode
            archive.addfile(info)
        case Link(target):
            info.type, info.linkname, info.mode = tarfile.SYMTYPE, target, 0o777
            archive.addfile(info)
        case Text(content, mode):
            info.size, info.mode = len(content), mode
            archive.addfile(info, io.BytesIO(content))
        case File(source):
            info.size, info.mode = source.stat().st_size, entry.mode
            with source.open("rb") as file:
                archive.addfile(info, file)


def _compress(source: Path, target: Path) -> None:
    with (
        source.open("rb") as plain,
        target.open("wb") as stream,
        gzip.GzipFile("", "wb", _COMPRESSION, stream, mtime=0) as packed,
    ):
        while block := plain.read(_BLOCK):
            packed.write(block)
