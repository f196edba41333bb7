"""Images are written once, and again when what they are made of changes."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from sandbox.images.catalogue import Image
from sandbox.images.writing import write_images


@pytest.fixture
def program(tmp_path):
    """What the image is made of."""
    file = tmp_path / "program"
    file.write_text("one")
    return file


@pytest.fixture
def image(program):
    """An image of one file."""
    return Image("gadget", "localhost/gadget:1", (), lambda tree, _: tree.file("/gadget", program))


@pytest.fixture
def said():
    """What was reported."""
    return []


@pytest.fixture
def write(tmp_path, said):
    """Write one image into a cache of the test's own."""
    (tmp_path / "cache").mkdir()
    toolchain = SimpleNamespace(go=SimpleNamespace(cache=tmp_path / "cache"))

    def write(image):
        (archive,) = write_images(toolchain, [image], lambda *words: said.append(words))
        return archive

    return write


def test_an_archive_is_written_and_known_by_its_digest(write, image, said):
    """The node loads it, the stack may pin it."""
    archive = write(image)
    assert archive.path.stat().st_size
    assert archive.digest.startswith("sha256:")
    assert archive.references == ("localhost/gadget:1",)
    assert said == [("gadget", "writing")]


def test_it_is_not_written_again(write, image, said):
    """Nor read."""
    assert write(image) == write(image)
    assert said == [("gadget", "writing")]


@pytest.mark.parametrize("change", ["content", "config", "alias"])
def test_a_change_writes_another(write, image, program, change):
    """Of what is in it, of how it runs, of its names."""
    before = write(image)
    if change == "content":
        program.write_text("another")
    changed = {
        "content": image,
        "config": replace(image, config={"User": "1"}),
        "alias": replace(image, aliases=("localhost/other:1",)),
    }
    after = write(changed[change])
    assert (after.digest != before.digest) == (change != "alias")
    assert after.references[1:] == changed[change].aliases


def test_a_lost_archive_is_written_again(write, image):
    """Whoever removed it."""
    archive = write(image)
    archive.path.unlink()
    assert write(image).path.exists()


def test_an_interrupted_writing_leaves_no_archive(write, image, tmp_path, monkeypatch):
    """The next one finishes it."""

    def interrupted(_tree, _config, _references, target, _scratch):
        target.write_text("half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("sandbox.images.writing.write_archive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write(image)
    assert not list((tmp_path / "cache" / "images").rglob("*.tar"))
    assert write(image).path.exists()
