"""Waiting until something has happened."""

from datetime import timedelta

import pytest

from ops import waiting
from ops.errors import ForbiddenError, OverdueError, UnreachableError
from ops.waiting import wait_until

SOON = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(waiting, "PAUSE_SECONDS", 0)


def answers(*given):
    """Look after look, errors are raised."""
    left = list(given)

    def look():
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return look


class TestWaitUntil:
    def test_tells_what_is_missing_whenever_that_changes(self):
        told = []
        wait_until(answers("a", "a", "b", None), timeout=SOON, report=told.append)
        assert told == ["a", "b"]

    def test_waits_for_an_api_server_that_is_away_for_a_while(self):
        told = []
        look = answers(UnreachableError("it does not answer"), None)
        wait_until(look, timeout=SOON, report=told.append)
        assert told == ["it does not answer"]

    def test_other_errors_end_it(self):
        with pytest.raises(ForbiddenError):
            wait_until(answers(ForbiddenError("no")), timeout=SOON, report=print)

    def test_says_what_was_missing_when_the_time_is_up(self):
        with pytest.raises(OverdueError, match="after 0s: still here"):
            wait_until(answers("still here"), timeout=timedelta(0), report=print)
