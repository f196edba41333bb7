"""Which pull request a run was for: GitHub is believed, the run is not."""

import json

import pytest

from ops.delivery.github.pulls import Run, finished_run, pull_request
from ops.errors import UsageError

RUN = Run("fork:topic", "8f3c", "https://github.example/runs/1", fork="fork/mine")


@pytest.fixture
def event(tmp_path):
    path = tmp_path / "event.json"
    run = {
        "head_branch": "topic",
        "head_sha": "8f3c",
        "html_url": "https://github.example/runs/1",
        "head_repository": {"owner": {"login": "fork"}, "full_name": "fork/mine"},
        "repository": {"full_name": "me/mine"},
    }
    path.write_text(json.dumps({"action": "completed", "workflow_run": run}))
    return path


def pull(number, label, sha):
    return {"number": number, "head": {"label": label, "sha": sha}}


def test_a_finished_run_says_what_it_previewed(event):
    assert finished_run(event) == RUN


def test_a_run_of_our_own_branch_is_no_fork(event):
    content = json.loads(event.read_text())
    content["workflow_run"]["head_repository"] = {"owner": {"login": "me"}, "full_name": "me/mine"}
    event.write_text(json.dumps(content))
    assert (finished_run(event).head, finished_run(event).fork) == ("me:topic", "")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"workflow_run": null}', '{"push": {}}'])
def test_another_event_is_refused(event, content):
    event.write_text(content)
    with pytest.raises(UsageError, match="no event of a workflow run"):
        finished_run(event)


def test_the_pull_request_is_found_by_branch_and_commit(github, server):
    server.pulls = [pull(1, "other:topic", "8f3c"), pull(2, "fork:topic", "8f3c")]
    assert pull_request(github, RUN) == 2


def test_one_that_has_moved_on_is_not_commented(github, server):
    server.pulls = [pull(2, "fork:topic", "9999")]
    assert pull_request(github, RUN) is None
