"""An archive is an OCI layout, the same to the last byte whenever and wherever it is written."""

import hashlib
import json
import tarfile

import pytest

from sandbox.images.archive import write_archive
from sandbox.images.tree import Tree

NAMES = ("localhost/gadget:1.0", "example.org/other/gadget:2")
CONFIG = {"Entrypoint": ["/bin/gadget"], "User": "1:1"}


@pytest.fixture
def write(tmp_path):
    """Write an archive of a small tree in a folder of its own."""

    def write(folder, *, content="gadget", modified=1):
        place = tmp_path / folder
        (place / "scratch").mkdir(parents=True)
        program = place / "program"
        program.write_text(content)
        program.chmod(0o755)
        tree = Tree()
        tree.file("/bin/gadget", program)
        tree.link("/bin/link", "gadget")
        tree.folder("/tmp", 0o1777)
        target = place / "image.tar"
        digest = write_archive(tree, CONFIG, NAMES, target, place / "scratch")
        return digest, target

    return write


def blobs(target):
    """Content by name, of an archive."""
    with tarfile.open(target) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}


def layer_of(target, folder):
    """The members of its one layer."""
    content = blobs(target)
    index = json.loads(content["index.json"])
    manifest = json.loads(content[f"blobs/{index['manifests'][0]['digest'].replace(':', '/')}"])
    (layer,) = manifest["layers"]
    (folder / "layer").write_bytes(content[f"blobs/{layer['digest'].replace(':', '/')}"])
    with tarfile.open(folder / "layer") as unpacked:
        return unpacked.getmembers()


def test_two_folders_give_the_same_bytes(write):
    """So the digest can be named in a stack file."""
    (one, first), (two, second) = write("a"), write("b")
    assert one == two
    assert first.read_bytes() == second.read_bytes()


def test_another_content_gives_another_digest(write):
    """Or the first test could not fail."""
    assert write("a")[0] != write("b", content="other")[0]


def test_every_blob_is_named_by_its_digest(write):
    """And described with its size."""
    _, target = write("a")
    content = blobs(target)
    for name, data in content.items():
        if name.startswith("blobs/"):
            assert name == f"blobs/sha256/{hashlib.sha256(data).hexdigest()}"
    (manifest,) = {entry["digest"] for entry in json.loads(content["index.json"])["manifests"]}
    described = json.loads(content[f"blobs/{manifest.replace(':', '/')}"])
    for part in (described["config"], *described["layers"]):
        assert len(content[f"blobs/{part['digest'].replace(':', '/')}"]) == part["size"]


def test_the_image_has_its_names_and_each_with_the_digest(write):
    """Pods may pin it."""
    digest, target = write("a")
    index = json.loads(blobs(target)["index.json"])
    names = [entry["annotations"]["io.containerd.image.name"] for entry in index["manifests"]]
    assert names == [*NAMES, f"localhost/gadget@{digest}", f"example.org/other/gadget@{digest}"]


def test_containers_run_as_configured(write):
    """The configuration is that of the image."""
    _, target = write("a")
    settings = [
        json.loads(data)
        for name, data in blobs(target).items()
        if name.startswith("blobs/") and data.startswith(b"{")
    ]
    (config,) = [entry["config"] for entry in settings if "rootfs" in entry]
    assert config == CONFIG


def test_files_are_owned_by_root_and_without_times(write, tmp_path):
    """Nothing of this machine is in the layer."""
    _, target = write("a")
    members = layer_of(target, tmp_path)
    assert [(member.name, oct(member.mode)) for member in members] == [
        ("bin", "0o755"),
        ("bin/gadget", "0o755"),
        ("bin/link", "0o777"),
        ("tmp", "0o1777"),
    ]
    assert {(m.uid, m.gid, m.uname, m.gname, m.mtime) for m in members} == {(0, 0, "", "", 0)}
