"""A patched module is the verified one with files added or replaced, and nothing else."""

import json
from pathlib import Path

import pytest

from sandbox.errors import BuildError
from sandbox.toolchain import patches
from sandbox.toolchain.patches import Patch, workplace


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A published module of three files."""
    folder = tmp_path / "module@v1"
    for name, text in (("go.mod", "module m"), ("a/a.go", "package a"), ("c/c.c", "int c;\n")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setattr(patches, "module_folder", lambda _go, _module: folder)
    return folder


@pytest.fixture
def pins(tmp_path):
    """The committed pins of a tool, and a file beside them."""
    folder = tmp_path / "gadget"
    folder.mkdir()
    (folder / "go.mod").write_text("module gadget")
    (folder / "go.sum").write_text("checksums")
    (folder / "own.go").write_text("package a // ours")
    return folder


@pytest.fixture
def overlaid(module, pins, tmp_path, monkeypatch):
    """Path in the module to the file that the go command reads instead, for a patch."""

    def overlaid(patch):
        monkeypatch.setattr(patches, "PATCHES", {"gadget": patch})
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        place = workplace(pins, None, scratch)
        assert place.folder == scratch
        flag, table = place.flags
        assert flag == "-overlay"
        replaced = json.loads(Path(table).read_text())["Replace"]
        root = scratch / "module"
        assert all(Path(name).parent.is_dir() for name in replaced)
        return {str(Path(name).relative_to(root)): Path(file) for name, file in replaced.items()}

    return overlaid


def test_a_tool_without_a_patch_is_built_where_its_pins_lie(pins, tmp_path):
    """Nothing is prepared."""
    place = workplace(pins, None, tmp_path)
    assert (place.folder, place.flags) == (pins, ())


def test_what_is_not_patched_is_read_where_it_lies(overlaid, module):
    """In the module cache, which the go command has verified."""
    files = overlaid(Patch("m"))
    assert files == {name: module / name for name in ("go.mod", "a/a.go", "c/c.c")}


def test_a_text_is_added(overlaid):
    """In a folder that the module does not have."""
    assert overlaid(Patch("m", texts={"web/page": "hello"}))["web/page"].read_text() == "hello"


def test_a_file_of_ours_takes_the_place_of_one_of_theirs(overlaid, pins):
    """Where both have one."""
    assert overlaid(Patch("m", own={"a/a.go": "own.go"}))["a/a.go"] == pins / "own.go"


def test_an_object_is_compiled_beside_its_source(overlaid, module):
    """By the C compiler; the module stays as it is."""
    files = overlaid(Patch("m", objects=("c/c.c",)))
    assert files["c/c.o"].read_bytes().startswith(b"\x7fELF")
    assert not (module / "c" / "c.o").exists()


def test_a_source_that_does_not_compile_is_an_error(overlaid, module):
    """With what the compiler says."""
    (module / "c" / "c.c").write_text("nonsense")
    with pytest.raises(BuildError, match=r"(?s)cannot compile c\.c.*error"):
        overlaid(Patch("m", objects=("c/c.c",)))


def test_the_pins_are_those_committed(module, pins, tmp_path, monkeypatch):
    """Beside the overlay."""
    monkeypatch.setattr(patches, "PATCHES", {"gadget": Patch("m")})
    place = workplace(pins, None, tmp_path)
    for pin in ("go.mod", "go.sum"):
        assert (place.folder / pin).read_text() == (pins / pin).read_text()
