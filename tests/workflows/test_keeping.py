"""What workflows write on GitHub: a comment for each stack, an issue for each stack's drift."""

import json
import os
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
MARKER = "<!-- brisa-platform preview:prod -->"
OURS = {"login": "github-actions[bot]"}
THEIRS = {"login": "mallory"}
COMMENTS = "issues/7/comments"


@pytest.fixture
def github(tmp_path):
    """Run a script against a GitHub that has some pull requests, comments and issues."""
    state = tmp_path / "github.json"

    def run(script, *arguments, **lists):
        named = {COMMENTS if key == "comments" else key: value for key, value in lists.items()}
        state.write_text(json.dumps({"lists": named, "written": []}))
        done = subprocess.run(
            [CHECKOUT / ".github" / script, *arguments],
            env={
                "PATH": f"{Path(__file__).parent}:{os.environ['PATH']}",
                "GITHUB_REPOSITORY": "me/mine",
                "FAKE_GITHUB": str(state),
                "HEAD": "fork:topic",
                "COMMIT": "8f3c",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [tuple(each) for each in json.loads(state.read_text())["written"]], done.stdout

    return run


class TestComments:
    PULL = {"number": 7, "label": "fork:topic", "head": {"sha": "8f3c"}}

    @pytest.fixture
    def comment(self, tmp_path):
        file = tmp_path / "prod.md"
        file.write_text(f"{MARKER}\nnothing changes\n")
        return file

    def test_are_made_once_and_then_changed(self, github, comment):
        text = {"body": comment.read_text()}
        made, _ = github("keep-comments.sh", comment, pulls=[self.PULL])
        assert made == [("POST", COMMENTS, text)]
        there = [
            {"id": 1, "user": OURS, "body": "hello"},
            {"id": 2, "user": OURS, "body": f"{MARKER}\nold"},
            {"id": 3, "user": OURS, "body": f"{MARKER}\na double"},
        ]
        changed, _ = github("keep-comments.sh", comment, pulls=[self.PULL], comments=there)
        assert changed == [("PATCH", "issues/comments/2", text)]

    def test_of_others_are_left_alone_whatever_they_say(self, github, comment):
        there = [{"id": 1, "user": THEIRS, "body": f"{MARKER}\nall is well"}]
        made, _ = github("keep-comments.sh", comment, pulls=[self.PULL], comments=there)
        assert [method for method, _, _ in made] == ["POST"]

    @pytest.mark.parametrize(
        "moved", [{"head": {"sha": "another"}}, {"label": "fork:another"}], ids=["commit", "branch"]
    )
    def test_are_not_about_a_commit_that_is_not_the_last(self, github, comment, moved):
        written, said = github("keep-comments.sh", comment, pulls=[{**self.PULL, **moved}])
        assert (written, "there is nothing to say" in said) == ([], True)


class TestTheIssue:
    TITLE = "Drift in prod"

    @pytest.fixture
    def keep(self, github, tmp_path):
        file = tmp_path / "drift.md"
        file.write_text("drift in 2 objects\n")

        def run(state, *issues):
            return github("keep-issue.sh", self.TITLE, state, file, issues=issues)[0]

        return run

    def issue(self, **more):
        return {"number": 5, "title": self.TITLE, "user": OURS, **more}

    def test_is_opened_when_there_is_drift(self, keep):
        text = {"title": self.TITLE, "labels[]": "drift", "body": "drift in 2 objects\n"}
        assert keep("open") == [("POST", "issues", text)]

    def test_is_not_opened_to_say_that_there_is_none(self, keep):
        assert keep("closed") == []

    @pytest.mark.parametrize("state", ["open", "closed"])
    def test_is_changed_closed_and_opened_again(self, keep, state):
        text = {"state": state, "body": "drift in 2 objects\n"}
        assert keep(state, self.issue()) == [("PATCH", "issues/5", text)]

    @pytest.mark.parametrize(
        "other", [{"user": THEIRS}, {"title": "Drift in staging"}, {"pull_request": {"url": "x"}}]
    )
    def test_is_none_of_another_author_or_stack(self, keep, other):
        assert [method for method, _, _ in keep("open", self.issue(**other))] == ["POST"]
