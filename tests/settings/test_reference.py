"""The configuration's manual agrees with the models it is written from."""

from pathlib import Path

from settings.reference import page

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_committed_page_is_the_current_one():
    assert PAGE.read_text() == page(), "run `make docs`"
