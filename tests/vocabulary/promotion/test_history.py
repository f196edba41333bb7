"""What the outputs keep, so that an older verdict cannot be shown again."""

from datetime import timedelta

import pytest

from tests.vocabulary.promotion.signed import COMMIT, GIVEN, OTHER_COMMIT, override, paper
from vocabulary.promotion.gate import Papers
from vocabulary.promotion.history import kept, previous
from vocabulary.promotion.seal import claimed

OLDER = Papers(verdict=paper(at=GIVEN - timedelta(days=1), commit=OTHER_COMMIT))
MINE = Papers(verdict=paper(commit=COMMIT))


def recorded(papers, before=None):
    """What an `up` with these papers leaves in the stack's outputs."""
    last = previous(before, papers)
    return {
        "verdict": kept(papers),
        "override": claimed("override", papers.override),
        "previous": last.model_dump(mode="json") if last else None,
    }


class TestThePreviousVerdict:
    def test_is_none_at_first(self):
        assert previous(None, MINE) is None
        assert previous({}, MINE) is None

    def test_is_the_last_one_that_was_promoted(self):
        last = previous(recorded(OLDER), MINE)
        assert (last.commit, last.at) == (OTHER_COMMIT, GIVEN - timedelta(days=1))

    def test_is_not_the_one_that_is_shown_again(self):
        first = recorded(MINE)
        assert previous(first, MINE) is None
        second = recorded(MINE, recorded(OLDER))
        assert recorded(MINE, second) == second

    def test_survives_an_override(self):
        after_override = recorded(Papers(override=override()), recorded(OLDER))
        assert previous(after_override, MINE).commit == OTHER_COMMIT

    def test_is_not_one_that_says_nothing(self):
        empty = Papers(verdict='{"verdict": {}, "signature": {"key": "0"}}', override=override())
        assert previous(recorded(empty, recorded(OLDER)), MINE).commit == OTHER_COMMIT

    def test_is_known_when_an_older_one_is_shown(self):
        assert previous(recorded(MINE, recorded(OLDER)), OLDER).commit == COMMIT


class TestClaims:
    @pytest.mark.parametrize("text", [None, "", "{}", "[]", "x", '{"verdict": {}}'])
    def test_of_what_cannot_be_read_are_none(self, text):
        assert kept(Papers(verdict=text)) is None
        assert claimed("override", text) == {}

    def test_say_what_who_and_until_when(self):
        assert set(kept(MINE)) == {"environment", "commit", "tree", "at", "expires", "key"}
        assert set(claimed("override", override())) == {
            "tree", "reason", "by", "at", "until", "key",
        }  # fmt: skip
