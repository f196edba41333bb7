"""A report is a closed form between two jobs, the second of which trusts nothing."""

import pytest

from ops.delivery.preview.report import read
from ops.errors import UsageError
from ops.files import LARGEST
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
        stream.truncate(LARGEST + 1)
    with pytest.raises(UsageError, match="is larger than"):
        read(file)


def test_keeps_no_more_of_a_line_than_anybody_reads(file):
    made = recorded("changes").model_dump_json(by_alias=True)
    file.write_text(made.replace("brisa-sandbox/api-network-delay", "x" * 10_000))
    assert max(len(step.name) for step in read(file).steps) == 400


def test_puts_first_what_hurts_most_whatever_its_order(file):
    made = recorded("changes")
    turned = made.model_copy(update={"steps": made.steps[::-1]})
    file.write_text(turned.model_dump_json(by_alias=True))
    assert read(file).steps == made.steps
