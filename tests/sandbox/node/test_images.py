"""What is imported into the node."""

from dataclasses import dataclass
from pathlib import Path

from sandbox.node import images
from sandbox.node.layout import NodeFolder

LISTING = """\
REF                    TYPE                                  DIGEST      SIZE  PLATFORMS   LABELS
localhost/old:1        application/vnd.oci.image.manifest.v1 sha256:aaaa 1 MiB linux/amd64 -
localhost/current:2    application/vnd.oci.image.manifest.v1 sha256:bbbb 1 MiB linux/amd64 -
"""


@dataclass(frozen=True)
class Image:
    reference: str
    digest: str
    path: Path


def test_the_listing_says_what_is_there():
    """The third column is the digest."""
    found = images.digests(LISTING)
    assert found == {"localhost/old:1": "sha256:aaaa", "localhost/current:2": "sha256:bbbb"}


def test_only_what_is_missing_or_changed_is_imported(tmp_path, monkeypatch):
    """Importing takes seconds for each."""
    calls = []

    def ctr(_node, *arguments):
        calls.append(arguments)
        return LISTING

    monkeypatch.setattr(images, "_ctr", ctr)
    wanted = [
        Image("localhost/old:1", "sha256:cccc", tmp_path / "old.tar"),
        Image("localhost/current:2", "sha256:bbbb", tmp_path / "current.tar"),
        Image("localhost/new:3", "sha256:dddd", tmp_path / "new.tar"),
    ]
    told = []
    images.import_images(NodeFolder(tmp_path), wanted, on_import=told.append)
    assert told == ["localhost/old:1", "localhost/new:3"]
    imported = [arguments[-1] for arguments in calls[1:]]
    assert imported == [str(tmp_path / "old.tar"), str(tmp_path / "new.tar")]
