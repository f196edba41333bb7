"""Programs come with what they link, and the interpreter with what is locked."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.debian import Packages
from sandbox.errors import ImageError
from sandbox.images import contents
from sandbox.images.tree import File, Tree

REPOSITORY = Path(__file__).resolve().parents[3]


def files(tree):
    return {str(path): entry.source for path, entry in tree if isinstance(entry, File)}


def test_a_dynamic_program_brings_its_libraries():
    """At the places where its loader looks for them."""
    tree = Tree()
    contents.programs(tree, {"/bin/sh": Path("/bin/sh")})
    assert any(Path(path).name.startswith("libc.so") for path in files(tree))


def test_a_static_program_brings_none(tmp_path):
    """A script stands in: ldd knows no more of it."""
    script = tmp_path / "program"
    script.write_text("#!/bin/sh\n")
    tree = Tree()
    contents.programs(tree, {"/program": script})
    assert list(files(tree)) == ["/program"]


def test_a_library_of_a_package_goes_where_it_would_be_installed(tmp_path):
    """Not where it is unpacked."""
    library = next(p for p in contents.shared_libraries([Path("/bin/sh")]) if "libc.so" in p.name)
    packages = Packages(tmp_path)
    place = Path(packages.libraries.split(":")[0])
    place.mkdir(parents=True)
    shutil.copy(library, place / library.name)
    tree = Tree()
    contents.programs(tree, {"/bin/sh": Path("/bin/sh")}, packages)
    assert files(tree)[f"/{place.relative_to(tmp_path)}/{library.name}"] == place / library.name


def test_a_missing_library_is_named(monkeypatch):
    """Rather than to be missed by a pod."""
    answer = subprocess.CompletedProcess([], 0, "\tlibgadget.so.1 => not found\n", "")
    monkeypatch.setattr(contents.subprocess, "run", lambda *_args, **_options: answer)
    with pytest.raises(ImageError, match=r"libgadget\.so\.1.*install it"):
        contents.shared_libraries([Path("/bin/gadget")])


class TestPython:
    """The interpreter of this environment."""

    @pytest.fixture
    def lock(self, tmp_path):
        """Pins of the test's own."""
        return tmp_path / "requirements.lock"

    def test_it_brings_the_standard_library_the_zones_and_what_is_locked(self):
        """The detector's own lock."""
        tree = Tree()
        contents.python(tree, REPOSITORY / "anomaly" / "requirements.lock")
        home = f"/usr/local/lib/python{sys.version_info.major}.{sys.version_info.minor}"
        found = files(tree)
        for path in ("/json/__init__.py", "/site-packages/numpy/__init__.py"):
            assert home + path in found
        assert "/usr/share/zoneinfo/Europe/Lisbon" in found
        assert not [path for path in found if "__pycache__" in path or "/pip/" in path]

    @pytest.mark.parametrize(
        "pin, said",
        [
            ("requests==0.0.1", r"requests 0\.0\.1, and this Python environment has [1-9]"),
            ("no-such-thing==1", "no-such-thing 1, and this Python environment has none"),
        ],
    )
    def test_another_version_than_the_locked_one_is_refused(self, lock, pin, said):
        """What runs in the image is what was tested."""
        lock.write_text(f"{pin} \\\n    --hash=sha256:0\n")
        with pytest.raises(ImageError, match=rf"{said}.*make install"):
            contents.python(Tree(), lock)
