"""The command line: what it prints, what it writes, and with which code it ends."""

import json
from datetime import UTC, datetime, timedelta

import pytest

import settings.promoted
from delivery.cli import main
from delivery.commands.keys import VARIABLE
from delivery.policies import advising
from promotion.checkout import FOLDER_VARIABLE, OVERRIDE, VERDICT
from promotion.papers import Override
from promotion.release import NAME, Release
from promotion.seal import believed, private_text, public_line
from tests.delivery.objects import HeldCluster, kustomization, record, source
from tests.delivery.recorded import FOLDER, read
from tests.delivery.verdict.test_collect import STAGING, Calm
from tests.program.stacks import run
from tests.promotion.signed import COMMIT, KEY, TRUSTED, paper
from vocabulary.kinds import CONFIG_MAP


@pytest.fixture
def said(capsys):
    """Run a command; returns its exit code, stdout and stderr."""

    def command(*arguments):
        code = main([str(each) for each in arguments])
        output = capsys.readouterr()
        return code, output.out, output.err

    return command


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Papers lie in a folder of the test's own."""
    papers = tmp_path / "promotion"
    papers.mkdir()
    monkeypatch.setenv(FOLDER_VARIABLE, str(papers))
    monkeypatch.delenv(VARIABLE, raising=False)
    return papers


@pytest.mark.parametrize("command", [[], ["--help"], ["promote", "--help"]])
def test_help_has_examples_and_exit_codes(capsys, command):
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert "examples:" in printed
    assert "exit codes:" in printed


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["nonsense"],
        ["drift"],
        ["preview", "--stack"],
        ["preview", "--stack", "org/project/prod"],
        ["verdict", "--valid-for", "5"],
        ["verdict", "--valid-for", "0s"],
    ],
)
def test_wrong_usage_ends_with_2(arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


class TestPreview:
    def test_reads_an_event_log(self, said):
        code, out, _ = said(
            "preview", "--stack", "sandbox", "--events", FOLDER / "changes.jsonl"
        )  # fmt: skip
        assert code == 0
        assert "replace    Secret" in out
        assert "sandbox: 2 replaced, 3 deleted, 6 updated, 3 created" in out

    def test_ends_with_1_when_the_preview_failed(self, said):
        events = FOLDER / "policy-findings.jsonl"
        code, _, err = said("preview", "--stack", "sandbox", "--events", events)
        assert code == 1
        assert "mandatory chaos-duration: Schedule api-cpu-stress-schedule" in err

    def test_writes_a_report_for_a_comment(self, said, tmp_path):
        events, report = FOLDER / "changes.jsonl", tmp_path / "preview-sandbox.json"
        said("preview", "--stack", "sandbox", "--events", events, "--report", report)
        code, out, _ = said("comment", report)
        assert code == 0
        assert out.startswith("<!-- brisa-platform preview:sandbox -->")

    def test_prints_json_for_programs(self, said):
        events = FOLDER / "nothing.jsonl"
        _, out, _ = said("preview", "--stack", "sandbox", "--events", events, "-o", "json")
        assert json.loads(out)["succeeded"] is True

    def test_tells_a_missing_log(self, said):
        code, _, err = said("preview", "--stack", "x", "--events", "nowhere.jsonl")
        assert (code, "nowhere.jsonl cannot be read" in err) == (2, True)

    def test_tells_a_stack_without_policies(self, said):
        code, _, err = said("preview", "--stack", "moon")
        assert (code, "policy/moon.json is missing" in err) == (2, True)

    def test_lowers_only_the_gate_for_a_pull_request(self):
        given = {"all": "mandatory", "platform-promotion-verdict": {"trustedKeys": ["x"]}}
        assert advising(given) == {
            "all": "mandatory",
            "platform-promotion-verdict": {"trustedKeys": ["x"], "enforcementLevel": "advisory"},
        }
        assert advising({"platform-promotion-verdict": "mandatory"}) == {
            "platform-promotion-verdict": {"enforcementLevel": "advisory"}
        }


class TestRendering:
    def test_of_two_sides_makes_a_report(self, said, tmp_path):
        base, head, report = (tmp_path / name for name in ("base", "head", "report"))
        assert said("render", "--stack", "staging", "--into", base)[0] == 0
        base.rename(head)
        code, out, err = said("compare", base, head, "--report", report)
        assert code == 1
        assert "pods-image-built" in report.read_text()  # nobody has built the image yet
        assert "everything is new" in err
        assert json.loads(report.read_text())["source"] == "rendered"
        _, out, _ = said("compare", head, head)
        assert "staging: nothing changes" in out

    def test_of_a_stack_that_is_not_there_is_told(self, said, tmp_path):
        code, _, err = said("render", "--stack", "moon", "--into", tmp_path / "x")
        assert (code, "Pulumi.moon.yaml is missing" in err) == (2, True)


@pytest.fixture
def reports(tmp_path):
    folder = tmp_path / "previews"
    folder.mkdir()
    (folder / "preview-sandbox.json").write_text(read("changes").model_dump_json(by_alias=True))
    return folder


@pytest.fixture
def event(tmp_path):
    path = tmp_path / "event.json"
    run = {
        "head_branch": "topic",
        "head_sha": "8f3c1d0e5b7a",
        "html_url": "https://github.example/runs/1",
        "head_repository": {"owner": {"login": "fork"}},
    }
    path.write_text(json.dumps({"workflow_run": run}))
    return path


class TestPost:
    WHERE = ("--repository", "me/mine")

    def test_posts_and_then_updates(self, said, reports, server):
        arguments = ("post", reports, "--stacks", "sandbox", "--pull-request", "7", *self.WHERE)
        assert "sandbox: created https://github.example/c/1" in said(*arguments)[1]
        assert "sandbox: unchanged" in said(*arguments)[1]
        assert len(server.comments) == 1

    def test_finds_the_pull_request_of_a_run(self, said, reports, server, event):
        server.pulls = [{"number": 9, "head": {"label": "fork:topic", "sha": "8f3c1d0e5b7a"}}]
        code, _, _ = said("post", reports, "--stacks", "sandbox", "--event", event, *self.WHERE)
        (made,) = server.comments.values()
        assert (code, made["issue"]) == (0, 9)
        assert "commit `8f3c1d0e5b7a`" in made["body"]
        assert "https://github.example/runs/1" not in made["body"]  # nothing was left out

    def test_says_nothing_about_a_commit_that_is_not_the_last(self, said, reports, server, event):
        code, _, err = said("post", reports, "--stacks", "sandbox", "--event", event, *self.WHERE)
        assert code == 0
        assert "no open pull request has this commit" in err
        assert server.comments == {}

    def test_prefers_what_the_engine_says(self, said, reports, server):
        better = reports / "preview-engine-sandbox"
        better.mkdir()
        (better / "preview-sandbox.json").write_text(read("nothing").model_dump_json(by_alias=True))
        said("post", reports, "--stacks", "sandbox", "--pull-request", "7", *self.WHERE)
        (made,) = server.comments.values()
        assert "nothing changes" in made["body"]

    def test_tells_a_stack_of_which_nothing_was_reported(self, said, reports, server):
        said("post", reports, "--stacks", "prod", "--pull-request", "7", *self.WHERE)
        (made,) = server.comments.values()
        assert "the preview failed" in made["body"]
        assert "the run ended before it could report" in made["body"]

    def test_refuses_a_report_about_another_stack(self, said, reports, server):
        (reports / "preview-sandbox.json").rename(reports / "preview-prod.json")
        code, _, err = said(
            "post", reports, "--stacks", "prod", "--pull-request", "7", *self.WHERE
        )  # fmt: skip
        assert (code, "is about sandbox, not prod" in err) == (2, True)
        assert server.comments == {}

    def test_dry_run_posts_nothing(self, said, reports, server):
        code, out, _ = said(
            "post", reports, "--stacks", "sandbox", "--pull-request", "7", *self.WHERE, "--dry-run"
        )
        assert (code, server.requests) == (0, [])
        assert "<!-- brisa-platform preview:sandbox -->" in out

    def test_needs_a_repository(self, said, reports):
        code, _, err = said("post", reports, "--stacks", "x", "--pull-request", "7")
        assert (code, "--repository is missing" in err) == (2, True)


class TestKeys:
    def test_are_made_once_and_kept_to_oneself(self, said, tmp_path):
        file = tmp_path / "key.pem"
        code, made, err = said("key", file)
        assert code == 0
        assert made.startswith("ed25519:")
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_text() not in err
        assert said("key", file)[1] == made

    def test_are_not_made_in_a_dry_run(self, said, tmp_path):
        assert said("key", tmp_path / "key.pem", "--dry-run")[0] == 0
        assert not (tmp_path / "key.pem").exists()

    def test_that_are_none_are_told_and_left_alone(self, said, tmp_path):
        file = tmp_path / "key.pem"
        file.write_text("something else that is a secret")
        code, _, err = said("key", file)
        assert (code, "is no Ed25519 key" in err) == (2, True)
        assert file.read_text() == "something else that is a secret"


class TestOverride:
    @pytest.fixture(autouse=True)
    def commit(self, monkeypatch):
        monkeypatch.setattr("delivery.commands.override.commit", lambda: f"{COMMIT}-dirty")

    REASON = ("override", "--reason", "the certificate of the gateway expires tonight")

    def test_is_for_the_commit_that_is_checked_out(self, said, folder):
        assert said(*self.REASON, "--by", "ada", "--for", "2h")[0] == 0
        written = Override.model_validate_json((folder / OVERRIDE).read_text())
        assert (written.commit, written.by) == (COMMIT, "ada")
        left = written.until - datetime.now(UTC)
        assert timedelta(hours=1) < left < timedelta(hours=3)

    def test_is_shown_and_not_written_in_a_dry_run(self, said, folder):
        code, out, _ = said(*self.REASON, "--dry-run")
        assert (code, json.loads(out)["commit"]) == (0, COMMIT)
        assert list(folder.iterdir()) == []

    def test_needs_a_reason_that_says_something(self, said):
        code, _, err = said("override", "--reason", "because")
        assert (code, "reason" in err) == (2, True)

    def test_needs_a_checkout(self, said, monkeypatch):
        monkeypatch.setattr("delivery.commands.override.commit", lambda: "unknown")
        code, _, err = said(*self.REASON)
        assert (code, "the commit is not known" in err) == (2, True)


@pytest.fixture
def staging(monkeypatch):
    """A staging that is well, or as a test has it."""
    objects = [record(STAGING.data), source(), kustomization()]
    monkeypatch.setattr(
        "delivery.commands.verdict.Cluster",
        lambda context: HeldCluster(context, objects=tuple(objects)),
    )
    monkeypatch.setattr("delivery.commands.verdict.Prometheus", Calm)
    return objects


class TestVerdict:
    @pytest.fixture
    def key(self, tmp_path):
        file = tmp_path / "key.pem"
        file.write_text(private_text(KEY))
        return file

    def test_is_signed_and_laid_where_the_gate_looks(self, said, staging, key, folder):
        code, out, _ = said("verdict", "--key", key)
        assert code == 0
        assert believed((folder / VERDICT).read_text(), [public_line(KEY)]).commit == COMMIT
        assert "none (not graded" in " ".join(out.split())

    def test_takes_the_key_from_the_environment(self, said, staging, folder, monkeypatch):
        monkeypatch.setenv(VARIABLE, private_text(KEY))
        assert said("verdict")[0] == 0
        assert (folder / VERDICT).exists()

    def test_ends_with_3_when_the_gate_would_refuse_it(self, said, staging, key, folder):
        staging[2] = kustomization(spec={"suspend": True})
        code, _, err = said("verdict", "--key", key)
        assert code == 3
        assert "the gate would refuse this: Flux was not ready" in err
        assert (folder / VERDICT).exists()  # bad news is signed as well

    def test_is_shown_and_neither_signed_nor_written_in_a_dry_run(self, said, staging, folder):
        code, out, _ = said("verdict", "--dry-run", "-o", "json")
        assert (code, json.loads(out)["commit"]) == (0, COMMIT)
        assert list(folder.iterdir()) == []

    def test_is_not_given_without_a_key(self, said, staging):
        code, _, err = said("verdict")
        assert (code, f"set {VARIABLE}" in err) == (2, True)

    def test_is_not_given_by_another_environment(self, said, staging, key):
        staging[0] = record(STAGING.model_copy(update={"environment": "production"}).data)
        code, _, err = said("verdict", "--key", key)
        assert (code, "is production, not staging" in err) == (1, True)


@pytest.fixture
def release(monkeypatch):
    """What production would release; its commit is clean, and the test key is trusted."""
    monkeypatch.setattr(settings.promoted, "commit", lambda: COMMIT)
    rules = {"platform-promotion-verdict": {"trustedKeys": [TRUSTED]}}
    monkeypatch.setattr("delivery.gate.stack_configuration", lambda _: rules)
    return Release.from_data(run("staging").one(CONFIG_MAP, NAME).inputs["data"])


@pytest.fixture
def good(release, folder):
    """A verdict about it lies there."""
    now = datetime.now(UTC)
    text = paper(
        commit=release.commit,
        configuration=release.configuration,
        images=release.images,
        at=now,
        expires=now + timedelta(hours=1),
        chaos={"result": "none", "reason": "no workflow has ended yet"},
    )
    (folder / VERDICT).write_text(text)


class TestPromoteCheck:
    def test_ends_with_0_when_the_gate_is_open(self, said, good):
        code, out, _ = said("promote", "--check")
        assert code == 0
        assert "OPEN" in out

    def test_says_what_nobody_has_judged(self, said, good):
        out = " ".join(said("promote", "--check")[1].split())
        assert "chaos not judged: no workflow has ended yet" in out
        assert "detector not judged: not graded yet" in out

    def test_ends_with_3_and_says_why_when_it_is_closed(self, said, release):
        code, out, err = said("promote", "--check")
        assert code == 3
        assert "refused (missing): there is no verdict of staging" in out
        assert "production is not changed: the gate is closed" in err

    def test_says_everything_to_programs(self, said, release):
        _, out, _ = said("promote", "--check", "-o", "json")
        found = json.loads(out)
        assert (found["open"], found["by"]) == (False, "nothing")
        assert [each["code"] for each in found["refusals"]] == ["missing"]

    def test_names_what_an_override_overrides(self, said, release, folder):
        now = datetime.now(UTC)
        override = Override(
            commit=COMMIT, reason="staging is down", by="ada", until=now + timedelta(hours=1)
        )
        (folder / OVERRIDE).write_text(override.model_dump_json())
        code, out, _ = said("promote", "--check")
        assert code == 0
        assert "ada: staging is down" in out
        assert "overridden (missing)" in out

    def test_is_not_for_a_stack_that_asks_for_no_papers(self, said):
        code, _, err = said("promote", "--stack", "staging", "--check")
        assert (code, "staging asks for no verdict" in err) == (2, True)

    def test_tells_papers_that_cannot_be_read(self, said, release, folder):
        (folder / VERDICT).write_bytes(b"\xff")
        code, _, err = said("promote", "--check")
        assert (code, "verdict.json cannot be read" in err) == (1, True)


def test_promote_ends_with_1_when_the_engine_is_missing(said, release, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    code, _, err = said("promote", "--dry-run")
    assert (code, "pulumi is missing" in err) == (1, True)


def test_drift_needs_a_repository_for_its_issue(said):
    code, _, err = said("drift", "--stack", "prod", "--issue")
    assert (code, "--repository is missing" in err) == (2, True)
