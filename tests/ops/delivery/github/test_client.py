"""GitHub with patience: what passes is waited for, what does not is told."""

import time

import pytest
import requests

from ops.delivery.github.client import ATTEMPTS, TOKEN_VARIABLE, GitHub, UncertainError
from ops.errors import GitHubError, UsageError
from tests.ops.delivery.conftest import TOKEN

SECONDARY = (403, {"Retry-After": "7"}, {"message": "You have exceeded a secondary rate limit"})
UNSAID = (403, {}, {"message": "You have exceeded a secondary rate limit. Please wait."})
BUSY = (429, {}, {"message": "slow down"})
DOWN = (503, {}, {"message": "unavailable"})
FORBIDDEN = (403, {}, {"message": "Resource not accessible by integration"})


class TestTroubleThatPasses:
    @pytest.mark.parametrize("trouble", [SECONDARY, UNSAID, BUSY, DOWN, (500, {}, None)])
    def test_is_waited_for(self, github, server, pauses, trouble):
        server.trouble = [trouble, trouble]
        assert list(github.all("issues/7/comments")) == []
        assert len(pauses) == 2

    def test_is_waited_for_as_long_as_github_says(self, github, server, pauses):
        server.trouble = [SECONDARY]
        list(github.all("issues/7/comments"))
        assert pauses == [7.0]

    def test_is_waited_for_until_the_limit_is_reset(self, github, server, pauses):
        headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 20)}
        server.trouble = [(403, headers, {"message": "API rate limit exceeded"})]
        list(github.all("issues/7/comments"))
        assert 18 < pauses[0] < 23

    def test_is_waited_for_longer_each_time(self, github, server, pauses):
        server.trouble = [DOWN] * 3
        list(github.all("issues/7/comments"))
        assert pauses == [1.0, 2.0, 4.0]

    def test_is_given_up_in_the_end(self, github, server, pauses):
        server.trouble = [DOWN] * ATTEMPTS
        with pytest.raises(GitHubError, match=f"says 503: unavailable; {ATTEMPTS} attempts"):
            list(github.all("issues/7/comments"))
        assert len(pauses) == ATTEMPTS - 1

    def test_that_takes_an_hour_is_not_waited_for(self, github, server, pauses):
        server.trouble = [(429, {"Retry-After": "3600"}, {"message": "later"})]
        with pytest.raises(GitHubError, match="later; 1 attempts"):
            list(github.all("issues/7/comments"))
        assert pauses == []

    def test_with_the_connection_is_waited_for(self, server, pauses, github, monkeypatch):
        refused = [requests.ConnectionError("refused")] * 2
        real = github.session.request

        def flaky(*arguments, **more):
            if refused:
                raise refused.pop()
            return real(*arguments, **more)

        monkeypatch.setattr(github.session, "request", flaky)
        assert list(github.all("issues/7/comments")) == []
        assert len(pauses) == 2


class TestTroubleThatStays:
    def test_is_told_at_once(self, github, server, pauses):
        server.trouble = [FORBIDDEN]
        with pytest.raises(GitHubError, match=r"not accessible.*pull-requests: write"):
            github.create("issues/7/comments", body="x")
        assert pauses == []

    def test_with_the_token_is_told(self, github, server):
        server.trouble = [(401, {}, {"message": "Bad credentials"})]
        with pytest.raises(GitHubError, match=f"{TOKEN_VARIABLE} is no valid token") as told:
            list(github.all("pulls"))
        assert TOKEN not in str(told.value)


class TestCreations:
    @pytest.mark.parametrize("trouble", [SECONDARY, BUSY])
    def test_that_were_surely_not_made_are_tried_again(self, github, server, trouble):
        server.trouble = [trouble]
        github.create("issues/7/comments", body="x")
        assert len(server.comments) == 1

    def test_that_may_have_been_made_are_left_to_the_caller(self, github, server):
        server.trouble = [DOWN]
        with pytest.raises(UncertainError):
            github.create("issues/7/comments", body="x")


class TestLists:
    @pytest.mark.parametrize("count", [0, 1, 100, 101, 250])
    def test_are_read_to_the_end(self, github, server, count):
        for number in range(count):
            server.comment(f"comment {number}")
        assert len(list(github.all("issues/7/comments"))) == count


class TestTheToken:
    def test_goes_into_the_header_and_nowhere_else(self, github, server):
        list(github.all("issues/7/comments"))
        assert server.authorizations == {f"Bearer {TOKEN}"}
        assert not any(TOKEN in path for _, path in server.requests)

    def test_is_not_shown_by_a_representation(self, github):
        assert TOKEN not in repr(github)
        assert TOKEN not in repr(github.session.auth)

    def test_is_not_replaced_by_a_netrc(self, github, server, tmp_path, monkeypatch):
        netrc = tmp_path / "netrc"
        netrc.write_text("default login somebody password else\n")
        monkeypatch.setenv("NETRC", str(netrc))
        list(github.all("issues/7/comments"))
        assert server.authorizations == {f"Bearer {TOKEN}"}

    @pytest.mark.parametrize("value", [None, "", "  "])
    def test_must_be_there(self, monkeypatch, value):
        monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
        if value is not None:
            monkeypatch.setenv(TOKEN_VARIABLE, value)
        with pytest.raises(UsageError, match=f"{TOKEN_VARIABLE} is not set"):
            GitHub.from_environment("me/mine")


@pytest.mark.parametrize("name", ["", "mine", "/mine", "me/", "me/mine/x"])
def test_a_repository_has_an_owner_and_a_name(name):
    with pytest.raises(UsageError, match="write owner/name"):
        GitHub.from_environment(name)
