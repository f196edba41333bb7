"""Files are replaced at once, and readable by their owner only."""

import stat

import pytest

from sandbox.files import write_atomically


def test_content_is_replaced(tmp_path):
    write_atomically(tmp_path / "file", "one")
    write_atomically(tmp_path / "file", b"two")
    assert (tmp_path / "file").read_text() == "two"


def test_only_the_owner_reads_it(tmp_path):
    write_atomically(tmp_path / "file", "secret")
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600


def test_a_failure_leaves_the_old_content_and_nothing_else(tmp_path, monkeypatch):
    write_atomically(tmp_path / "file", "old")
    monkeypatch.setattr("pathlib.Path.replace", _fail)
    with pytest.raises(OSError, match="no space"):
        write_atomically(tmp_path / "file", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "old"


def _fail(*_arguments):
    raise OSError("no space")
