"""A report is a closed form between two jobs, the second of which trusts nothing."""

import pytest

from ops.delivery.preview.report import LARGEST_FILE, read
from ops.errors import UsageError
from tests.ops.delivery.recorded import read as recorded


@pytest.fixture
def file(tmp_path):
    return tmp_path / "preview-prod.json"


def test_is_read_as_it_was_written(file):
    made = recorded("changes")
    file.write_text(made.model_dump_json(by_alias=True))
    assert read(file) == made


@pytest.mark.parametrize(
    "content, says",
    [
        ("", "is no report of a preview"),
        ("[]", "is no report"),
        ('{"stack": "a b", "source": "engine", "succeeded": true}', "stack:"),
        ('{"stack": "../x", "source": "engine", "succeeded": true}', "stack:"),
        ('{"stack": "x", "source": "mine", "succeeded": true}', "source:"),
        ('{"stack": "x", "source": "engine", "succeeded": true, "run": "rm"}', "run:"),
    ],
)
def test_of_another_form_is_refused(file, content, says):
    file.write_text(content)
    with pytest.raises(UsageError, match=says):
        read(file)


def test_that_is_not_there_is_refused(file):
    with pytest.raises(UsageError, match="No such file"):
        read(file)


def test_that_is_too_large_is_not_even_read(file):
    with file.open("wb") as stream:
        stream.truncate(LARGEST_FILE + 1)
    with pytest.raises(UsageError, match="is larger than"):
        read(file)
