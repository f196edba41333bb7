"""A tree knows what goes into an image, and when that has changed."""

import os

import pytest

from sandbox.images.tree import Folder, Link, Text, Tree


def paths(tree):
    return [str(path) for path, _ in tree]


@pytest.fixture
def program(tmp_path):
    """An executable file, and a link to it."""
    file = tmp_path / "program"
    file.write_text("#!/bin/sh\n")
    file.chmod(0o750)
    link = tmp_path / "link"
    link.symlink_to(file)
    return link


def test_entries_come_in_order_with_the_folders_that_lead_to_them():
    """Whoever adds them, and in whatever order."""
    tree = Tree()
    tree.text("/usr/bin/two", "2")
    tree.link("bin/one", "/usr/bin/two")
    assert paths(tree) == ["/bin", "/bin/one", "/usr", "/usr/bin", "/usr/bin/two"]
    assert {str(path): entry for path, entry in tree} == {
        "/bin": Folder(),
        "/bin/one": Link("/usr/bin/two"),
        "/usr": Folder(),
        "/usr/bin": Folder(),
        "/usr/bin/two": Text(b"2"),
    }


def test_a_folder_keeps_the_mode_it_was_given():
    """Though others lie in it."""
    tree = Tree()
    tree.text("/tmp/a", "")
    tree.folder("/tmp", 0o1777)
    assert dict(tree)[next(path for path, _ in tree)] == Folder(0o1777)


def test_a_linked_program_is_copied_itself_and_stays_executable(program):
    """Modes of this machine do not count, but for that."""
    tree = Tree()
    tree.file("/bin/program", program)
    entry = {str(path): entry for path, entry in tree}["/bin/program"]
    assert entry.source.name == "program"
    assert entry.mode == 0o755


def test_a_missing_program_is_found_out_at_once(tmp_path):
    """Not when the image is half written."""
    with pytest.raises(FileNotFoundError):
        Tree().file("/bin/program", tmp_path / "missing")


def test_the_files_of_a_folder_are_added_but_for_those_left_out(tmp_path):
    """Empty folders are not."""
    for name in ("a/kept", "a/left", "b/kept"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "empty").mkdir()
    tree = Tree()
    tree.folder_of("/lib", tmp_path, lambda path: path.name == "left")
    assert paths(tree) == ["/lib", "/lib/a", "/lib/a/kept", "/lib/b", "/lib/b/kept"]


class TestFingerprint:
    """It changes with what it stands for, and with nothing else."""

    @pytest.fixture
    def fingerprint(self, program):
        """Of a tree with that program, and more."""

        def fingerprint(fill=lambda _tree: None):
            tree = Tree()
            tree.file("/bin/program", program)
            fill(tree)
            return tree.fingerprint()

        return fingerprint

    def test_it_stays_when_nothing_changes(self, fingerprint):
        """Asked twice."""
        assert fingerprint() == fingerprint()

    @pytest.mark.parametrize(
        "fill",
        [
            lambda tree: tree.text("/a", ""),
            lambda tree: tree.link("/a", "b"),
            lambda tree: tree.folder("/a"),
        ],
    )
    def test_it_changes_with_an_entry(self, fingerprint, fill):
        """Of any kind."""
        assert fingerprint(fill) != fingerprint()

    def test_it_changes_with_a_file(self, fingerprint, program):
        """Of the same size."""
        before = fingerprint()
        program.write_text("#!/bin/ls\n")
        os.utime(program, (1, 1))
        assert fingerprint() != before
