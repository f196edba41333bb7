"""What is in an image: files, links and folders by path, not yet read.

A tree says where each file comes from. Its fingerprint follows from the sources' sizes and times,
so that whether an image has to be written again is known without reading what it is made of.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

_PLAIN, _EXECUTABLE, _FOLDER = 0o644, 0o755, 0o755


@dataclass(frozen=True)
class Folder:
    """A folder."""

    mode: int = _FOLDER
    """Permissions."""


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str
    """Where it points."""


@dataclass(frozen=True)
class Text:
    """A file whose content is known."""

    content: bytes
    """The content."""
    mode: int = _PLAIN
    """Permissions."""


@dataclass(frozen=True)
class File:
    """A file copied from this machine."""

    source: Path
    """Where it lies; no link."""

    @property
    def mode(self) -> int:
        """Permissions: executable or not, and never more than that."""
        return _EXECUTABLE if self.source.stat().st_mode & 0o111 else _PLAIN


Entry = Folder | Link | Text | File


@dataclass
class Tree:
    """Entries by their absolute path in the image."""

    _entries: dict[PurePosixPath, Entry] = field(default_factory=dict)

    def folder(self, path: str, mode: int = _FOLDER) -> None:
        """Add a folder; those that lead to an entry need not be added."""
        self._add(path, Folder(mode))

    def link(self, path: str, target: str) -> None:
        """Add a symbolic link."""
        self._add(path, Link(target))

    def text(self, path: str, content: str, mode: int = _PLAIN) -> None:
        """Add a file of the content."""
        self._add(path, Text(content.encode(), mode))

    def file(self, path: str, source: Path) -> None:
        """Add a file of this machine, or what a link of this machine points at."""
        self._add(path, File(source.resolve(strict=True)))

    def folder_of(
        self, path: str, source: Path, skip: Callable[[Path], bool] = lambda _: False
    ) -> None:
        """Add the files below a folder of this machine.

        Args:
            path: Where they go.
            source: The folder.
            skip: Told a path relative to the folder, says whether to leave it out.
        """
        for file in source.rglob("*"):
            relative = file.relative_to(source)
            if file.is_file() and not skip(relative):
                self.file(f"{path}/{relative}", file)

    def __iter__(self) -> Iterator[tuple[PurePosixPath, Entry]]:
        """Paths and entries in the order of the paths, folders before what is in them."""
        entries = dict(self._entries)
        for path in self._entries:
            for parent in path.parents:
                if parent.name:
                    entries.setdefault(parent, Folder())
        yield from sorted(entries.items())

    def fingerprint(self) -> str:
        """Changes when an entry changes, or the file that it is copied from."""
        digest = hashlib.sha256()
        for path, entry in self:
            digest.update(f"{path}\0{entry!r}\0".encode())
            if isinstance(entry, File):
                status = entry.source.stat()
                digest.update(f"{status.st_size} {status.st_mtime_ns} {entry.mode}\0".encode())
        return digest.hexdigest()

    def _add(self, path: str, entry: Entry) -> None:
        self._entries.setdefault(PurePosixPath("/", path), entry)
