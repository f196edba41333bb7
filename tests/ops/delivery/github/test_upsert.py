"""One comment a stack, one issue a stack: made once, kept up to date, never doubled."""

import pytest

from ops.delivery.github.upsert import comment, issue
from ops.errors import GitHubError

MARKER = "<!-- brisa-platform preview:prod -->"
BODY = f"{MARKER}\n### nothing changes\n"
DRIFT = "<!-- brisa-platform drift:prod -->"


def post(github, body=BODY):
    return comment(github, 7, MARKER, body)


def bodies(server):
    return [each["body"] for each in server.comments.values()]


class TestComments:
    def test_are_made_once(self, github, server):
        assert post(github).action == "created"
        assert bodies(server) == [BODY]

    def test_are_changed_afterwards(self, github, server):
        post(github)
        done = post(github, f"{MARKER}\nsomething else")
        assert (done.action, done.url) == ("updated", "https://github.example/c/1")
        assert bodies(server) == [f"{MARKER}\nsomething else"]

    def test_that_say_it_already_are_left_alone(self, github, server):
        post(github)
        server.comments[1]["body"] = BODY.strip().replace("\n", "\r\n")
        assert post(github).action == "unchanged"
        assert ("PATCH", "issues/comments/1") not in server.requests

    def test_are_found_on_a_busy_pull_request(self, github, server):
        for number in range(250):
            server.comment(f"me too {number}", author="somebody")
        ours = server.comment(BODY)
        for number in range(120):
            server.comment(f"and me {number}", author="somebody")
        assert post(github, f"{MARKER}\nnew").action == "updated"
        assert server.comments[ours]["body"].endswith("new")

    def test_of_other_stacks_stay_as_they_are(self, github, server):
        other = server.comment("<!-- brisa-platform preview:production -->\nx")
        assert post(github).action == "created"
        assert server.comments[other]["body"].endswith("x")

    def test_of_others_stay_as_they_are_whatever_they_say(self, github, server):
        theirs = server.comment(f"{MARKER}\nmine", author="somebody")
        quoting = server.comment(f"> {MARKER}\nas said above")
        assert post(github).action == "created"
        assert server.comments[theirs]["body"].endswith("mine")
        assert quoting in server.comments

    def test_that_were_doubled_become_one(self, github, server):
        kept, doubled = server.comment(f"{MARKER}\none"), server.comment(f"{MARKER}\ntwo")
        assert post(github).action == "updated"
        assert kept in server.comments
        assert doubled not in server.comments

    def test_on_other_pull_requests_stay_as_they_are(self, github, server):
        elsewhere = server.comment(BODY, issue=8)
        assert post(github).action == "created"
        assert server.comments[elsewhere]["issue"] == 8

    def test_are_not_doubled_when_github_loses_its_answer(self, github, server):
        server.lost = 1
        assert post(github).action == "unchanged"
        assert bodies(server) == [BODY]

    def test_are_tried_again_when_nothing_was_made(self, github, server):
        original = server.answer
        failures = [1]

        def once(method, *rest):
            if method == "POST" and failures:
                failures.pop()
                return 502
            return original(method, *rest)

        server.answer = once
        assert post(github).action == "created"
        assert bodies(server) == [BODY]

    def test_are_given_up_when_it_never_works(self, github, server):
        server.answer = lambda method, *_: 502 if method == "POST" else []
        with pytest.raises(GitHubError, match="3 attempts were made"):
            post(github)


def tell(github, body, *, is_open=True, title="Drift in prod"):
    return issue(
        github, DRIFT, title=title, body=f"{DRIFT}\n{body}", label="drift", is_open=is_open
    )


class TestIssues:
    def test_are_opened_when_there_is_something_to_say(self, github, server):
        assert tell(github, "one").action == "created"
        (made,) = server.issues.values()
        assert made["title"] == "Drift in prod"
        assert made["labels"] == [{"name": "drift"}]

    def test_are_not_opened_when_there_is_nothing_to_say(self, github, server):
        assert tell(github, "none", is_open=False).action == "nothing to do"
        assert server.issues == {}

    def test_are_kept_up_to_date(self, github, server):
        tell(github, "one")
        assert tell(github, "two").action == "updated"
        assert [each["body"] for each in server.issues.values()] == [f"{DRIFT}\ntwo"]

    def test_that_say_it_already_are_left_alone(self, github, server):
        tell(github, "one")
        assert tell(github, "one").action == "unchanged"

    def test_are_closed_when_it_is_over(self, github, server):
        tell(github, "one")
        assert tell(github, "gone", is_open=False).action == "closed"
        assert [each["state"] for each in server.issues.values()] == ["closed"]
        assert tell(github, "still gone", is_open=False).action == "nothing to do"

    def test_are_opened_again_when_it_comes_back(self, github, server):
        tell(github, "one")
        tell(github, "gone", is_open=False)
        assert tell(github, "again").action == "reopened"
        assert [each["state"] for each in server.issues.values()] == ["open"]

    def test_of_others_and_pull_requests_stay_as_they_are(self, github, server):
        server.issue("Drift", f"{DRIFT}\nmine", author="somebody")
        server.issue("Drift", f"{DRIFT}\npull", pull_request={})
        server.issue("Drift", "<!-- brisa-platform drift:staging -->")
        assert tell(github, "one").action == "created"

    def test_are_not_doubled_when_github_loses_its_answer(self, github, server):
        server.lost = 1
        assert tell(github, "one").action == "unchanged"
        assert len(server.issues) == 1
