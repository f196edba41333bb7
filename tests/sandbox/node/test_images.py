"""What is imported into the node."""

from sandbox.images import Archive
from sandbox.images.catalogue import NODE_IMAGES
from sandbox.node import containerd, dns, images
from sandbox.node.layout import NodeFolder

LISTING = """\
REF                    TYPE                                  DIGEST      SIZE  PLATFORMS   LABELS
localhost/old:1        application/vnd.oci.image.manifest.v1 sha256:aaaa 1 MiB linux/amd64 -
localhost/current:2    application/vnd.oci.image.manifest.v1 sha256:bbbb 1 MiB linux/amd64 -
"""


def archive(folder, name, *references, digest):
    return Archive(name, references, digest, folder / f"{name}.tar")


def test_the_node_itself_uses_images_that_are_written():
    """Nothing could pull another."""
    written = {image.reference for image in NODE_IMAGES}
    assert written == {containerd.PAUSE_IMAGE, dns.IMAGE}


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
        archive(tmp_path, "old", "localhost/old:1", digest="sha256:cccc"),
        archive(tmp_path, "current", "localhost/current:2", digest="sha256:bbbb"),
        archive(tmp_path, "new", "localhost/new:3", digest="sha256:dddd"),
        archive(tmp_path, "alias", "localhost/current:2", "other:2", digest="sha256:bbbb"),
    ]
    told = []
    images.import_images(NodeFolder(tmp_path), wanted, on_import=told.append)
    assert told == ["old", "new", "alias"]
    imported = [arguments[-1] for arguments in calls[1:]]
    assert imported == [str(tmp_path / f"{name}.tar") for name in told]
