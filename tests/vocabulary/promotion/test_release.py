"""The record of a release as the data of a ConfigMap."""

import pytest

from tests.vocabulary.promotion.signed import RELEASE
from vocabulary.promotion.errors import PaperError
from vocabulary.promotion.release import Release


def test_is_read_as_it_was_written():
    assert Release.from_data(RELEASE.data) == RELEASE


def test_holds_nothing_but_text():
    assert all(isinstance(value, str) for value in RELEASE.data.values())


WRONG = [(key, value) for key in RELEASE.data for value in (None, "", "x", "[]")]
ANY_WORD = [("environment", "x"), ("environment", "[]"), ("gate", None)]


@pytest.mark.parametrize("key, value", [each for each in WRONG if each not in ANY_WORD])
def test_is_refused_when_something_is_missing_or_malformed(key, value):
    with pytest.raises(PaperError, match="the record cannot be read"):
        Release.from_data(RELEASE.data | {key: value})
