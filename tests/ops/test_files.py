"""Files of others are read or told; ours are written whole."""

import pytest

from ops.errors import UsageError
from ops.files import PRIVATE, read_document, read_mapping, read_text, write


def test_what_is_no_text_is_told(tmp_path):
    (tmp_path / "x").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="x cannot be read: it is no text"):
        read_text(tmp_path / "x")


@pytest.mark.parametrize("read", [read_text, read_mapping, lambda p: read_document(p, int, "y")])
def test_what_is_not_there_is_told(tmp_path, read):
    with pytest.raises(UsageError, match=r"x\.yaml cannot be read: No such file"):
        read(tmp_path / "x.yaml")


def test_a_mapping_that_may_be_missing_is_empty_then(tmp_path):
    assert read_mapping(tmp_path / "x.json", optional=True) == {}


class TestWriting:
    def test_makes_folders_and_leaves_nothing_beside(self, tmp_path):
        write(tmp_path / "a" / "b", "text", mode=PRIVATE)
        assert [each.name for each in (tmp_path / "a").iterdir()] == ["b"]
        assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == PRIVATE

    def test_that_fails_leaves_what_was_there(self, tmp_path):
        (tmp_path / "b").write_text("before")
        with pytest.raises(UnicodeEncodeError):
            write(tmp_path / "b", "\ud800")
        assert [each.read_text() for each in tmp_path.iterdir()] == ["before"]

    def test_where_nothing_can_be_written_is_told(self, tmp_path):
        (tmp_path / "b").write_text("")
        with pytest.raises(UsageError, match=r"b/c cannot be written"):
            write(tmp_path / "b" / "c", "text")
