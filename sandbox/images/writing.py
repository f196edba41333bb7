"""Writes the archives of images into the cache, those only that are not there."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sandbox.files import write_atomically
from sandbox.images import archive as format_
from sandbox.images.archive import write_archive
from sandbox.images.catalogue import Image, Ingredients
from sandbox.images.tree import Tree
from sandbox.locking import exclusive
from sandbox.toolchain import Toolchain

_READABLE_BY_ALL = 0o644
_LENGTH = 16


@dataclass(frozen=True)
class Archive:
    """A written image."""

    name: str
    """What the sandbox calls it."""
    references: tuple[str, ...]
    """Names and tags under which pods ask for it."""
    digest: str
    """Digest of the image, `sha256:...`: under it, too, pods may ask for it."""
    path: Path
    """An OCI archive, to be loaded with `ctr images import`."""


def write_images(
    toolchain: Toolchain,
    images: Iterable[Image],
    report: Callable[[str, str], None] = lambda _name, _what: None,
) -> list[Archive]:
    """The archives of the images, in their order.

    Args:
        toolchain: Has the programs of all their tools.
        images: From the catalogue.
        report: Called with the name of an image and what is done about it.
    """
    ingredients = Ingredients(toolchain)
    folder = toolchain.go.cache / "images"
    return [_write(image, ingredients, folder, report) for image in images]


def _write(
    image: Image, ingredients: Ingredients, folder: Path, report: Callable[[str, str], None]
) -> Archive:
    tree = Tree()
    image.fill(tree, ingredients)
    references = (image.reference, *image.aliases)
    key = _key(tree, image)
    known = folder / f"{image.name}-{key}.json"

    def on_wait(holder: str) -> None:
        report(image.name, f"process {holder} writes it, waiting")

    with exclusive(folder / f"{image.name}.lock", on_wait=on_wait):
        written = _read(known, image, folder)
        if written is None:
            report(image.name, "writing")
            with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=folder) as name:
                scratch = Path(name)
                target = scratch / "image.tar"
                digest = write_archive(tree, image.config, references, target, scratch)
                written = Archive(image.name, references, digest, _path(folder, image, digest))
                target.replace(written.path)
            content = json.dumps({"digest": digest})
            write_atomically(known, content, mode=_READABLE_BY_ALL)
        return written


def _key(tree: Tree, image: Image) -> str:
    """Changes with the image's content and names, and with how archives are written."""
    digest = hashlib.sha256(tree.fingerprint().encode())
    digest.update(json.dumps([image.reference, image.aliases, image.config]).encode())
    digest.update(Path(format_.__file__).read_bytes())
    return digest.hexdigest()[:_LENGTH]


def _path(folder: Path, image: Image, digest: str) -> Path:
    return folder / f"{image.name}-{digest.removeprefix('sha256:')[:_LENGTH]}.tar"


def _read(known: Path, image: Image, folder: Path) -> Archive | None:
    """What is known of an archive that was written of the same tree."""
    if not known.exists():
        return None
    digest = str(json.loads(known.read_text(encoding="utf-8"))["digest"])
    path = _path(folder, image, digest)
    if not path.exists():
        return None
    return Archive(image.name, (image.reference, *image.aliases), digest, path)
