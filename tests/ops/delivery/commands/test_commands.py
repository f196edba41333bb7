"""The command line: what it prints, what it writes, and with which code it ends."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ops.alerts import Watched
from ops.cli import main
from ops.delivery.commands.keys import VARIABLE
from ops.delivery.policies import advising
from tests.ops.delivery.objects import HeldCluster, kustomization, record, source
from tests.ops.delivery.recorded import FOLDER, read
from tests.ops.delivery.verdict.test_collect import STAGING
from tests.vocabulary.promotion.signed import (
    COMMIT,
    KEY,
    RELEASE,
    TREE,
    TRUSTED,
    override,
    paper,
    released_by,
)
from vocabulary.promotion.checkout import FOLDER_VARIABLE, OVERRIDE, VERDICT
from vocabulary.promotion.papers import Override, Verdict
from vocabulary.promotion.seal import believed, private_text, public_line


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
    assert main([*command, "--help"]) == 0
    printed = capsys.readouterr().out
    assert "Examples:" in printed
    assert "Exit codes:" in printed


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
    assert main(arguments) == 2


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
        code, out, _ = said("comment", tmp_path, "--stacks", "sandbox")
        assert code == 0
        assert out.startswith("<!-- brisa-platform preview:sandbox -->")

    def test_prints_json_for_programs(self, said):
        events = FOLDER / "nothing.jsonl"
        _, out, _ = said("preview", "--stack", "sandbox", "--events", events, "-o", "json")
        assert json.loads(out)["succeeded"] is True

    def test_tells_a_missing_log(self, said):
        code, _, err = said("preview", "--stack", "x", "--events", "nowhere.jsonl")
        assert (code, "nowhere.jsonl cannot be read" in err) == (2, True)

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
        "head_repository": {"owner": {"login": "fork"}, "full_name": "fork/mine"},
        "repository": {"full_name": "me/mine"},
    }
    path.write_text(json.dumps({"workflow_run": run}))
    return path


class TestComment:
    def test_is_written_for_each_stack(self, said, reports, tmp_path):
        into = tmp_path / "comments"
        stacks = ("--stacks", "sandbox", "--stacks", "prod")
        assert said("comment", reports, *stacks, "--into", into) == (0, "", "")
        assert {each.name for each in into.iterdir()} == {"sandbox.md", "prod.md"}
        assert (into / "sandbox.md").read_text().startswith("<!-- brisa-platform preview:sandbox")

    def test_names_the_commit_that_github_names(self, said, reports, event):
        code, out, _ = said("comment", reports, "--stacks", "sandbox", "--event", event)
        assert code == 0
        assert "commit `8f3c1d0e5b7a`" in out
        assert "https://github.example/runs/1" not in out  # nothing was left out

    def test_prefers_what_the_engine_says(self, said, reports):
        better = reports / "preview-engine-sandbox"
        better.mkdir()
        (better / "preview-sandbox.json").write_text(read("nothing").model_dump_json(by_alias=True))
        assert "nothing changes" in said("comment", reports, "--stacks", "sandbox")[1]

    def test_tells_a_stack_of_which_nothing_was_reported(self, said, reports):
        out = said("comment", reports, "--stacks", "prod")[1]
        assert "the preview failed" in out
        assert "the run ended before it could report" in out

    @pytest.mark.parametrize(
        "content, says",
        [
            ("{}", "the report cannot be read"),
            (read("changes").model_dump_json(by_alias=True), "is about another stack, sandbox"),
        ],
    )
    def test_a_report_that_is_none_spoils_no_other(self, said, reports, content, says):
        (reports / "preview-rendered-prod").mkdir()
        (reports / "preview-rendered-prod/preview-prod.json").write_text(content)
        code, out, _ = said("comment", reports, "--stacks", "prod", "--stacks", "sandbox")
        assert (code, says in out) == (0, True)
        assert "2 replaced, 3 deleted" in out

    @pytest.mark.parametrize("text", ["", "[]", '{"workflow_run": {}}'])
    def test_needs_the_event_of_a_run(self, said, reports, tmp_path, text):
        wrong = tmp_path / "event"
        wrong.write_text(text)
        code, _, err = said("comment", reports, "--stacks", "x", "--event", wrong)
        assert (code, "is no event of a workflow run" in err) == (2, True)


class TestReportsOfARun:
    """A run leaves artifacts; where they lie says what they are, and GitHub whose code it was."""

    @pytest.fixture
    def artifacts(self, tmp_path):
        """Lay reports where artifacts are unpacked."""

        def lay(**reports):
            for kind, name in reports.items():
                folder = tmp_path / f"previews/preview-{kind}-sandbox"
                folder.mkdir(parents=True)
                text = read(name).model_dump_json(by_alias=True)
                (folder / "preview-sandbox.json").write_text(text)
            return tmp_path / "previews"

        return lay

    @pytest.fixture
    def ours(self, event):
        """The run was for a branch of this repository."""
        content = json.loads(event.read_text())
        run = content["workflow_run"]
        run["head_repository"] = {"owner": {"login": "me"}, "full_name": "me/mine"}
        event.write_text(json.dumps(content))
        return event

    def posted(self, said, folder, event):
        code, out, _ = said("comment", folder, "--stacks", "sandbox", "--event", event)
        assert code == 0
        return out

    def test_of_a_fork_cannot_pose_as_the_engines(self, said, artifacts, event):
        out = self.posted(said, artifacts(engine="nothing", rendered="changes"), event)
        assert "2 replaced, 3 deleted" in out
        assert "Rendered without credentials" in out
        assert "Reported by code of `fork/mine`" in out

    def test_of_a_fork_alone_is_as_good_as_none(self, said, artifacts, event):
        out = self.posted(said, artifacts(engine="nothing"), event)
        assert "the run ended before it could report" in out

    def test_that_lie_flat_are_not_the_engines_whatever_they_say(self, said, reports, event):
        assert "Rendered without credentials" in self.posted(said, reports, event)

    def test_of_our_own_branch_come_from_the_engine(self, said, artifacts, ours):
        out = self.posted(said, artifacts(engine="changes", rendered="nothing"), ours)
        assert "2 replaced, 3 deleted" in out
        assert "Rendered" not in out
        assert "Reported by code of" not in out

    def test_do_not_hide_what_another_tells(self, said, artifacts, ours):
        out = self.posted(said, artifacts(engine="nothing", rendered="changes"), ours)
        assert "nothing changes" in out
        assert "Only in the rendered preview" in out
        assert "| **delete** | `AuthorizationPolicy` |" in out


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


@pytest.fixture
def key(tmp_path):
    file = tmp_path / "key.pem"
    file.write_text(private_text(KEY))
    return file


class TestOverride:
    @pytest.fixture(autouse=True)
    def checkout(self, monkeypatch):
        monkeypatch.setattr("ops.delivery.commands.override.release", released_by)

    REASON = (
        "override", "--reason", "the certificate of the gateway expires tonight", "--by", "ada",
    )  # fmt: skip

    def test_is_for_what_is_checked_out_and_signed(self, said, folder, key):
        assert said(*self.REASON, "--for", "2h", "--key", key)[0] == 0
        written = believed(Override, (folder / OVERRIDE).read_text(), [TRUSTED])
        assert (written.tree, written.by) == (TREE, "ada")
        assert written.until - written.at == timedelta(hours=2)

    def test_is_shown_and_not_written_in_a_dry_run(self, said, folder):
        code, out, _ = said(*self.REASON, "--dry-run")
        assert (code, json.loads(out)["tree"]) == (0, TREE)
        assert list(folder.iterdir()) == []

    @pytest.mark.parametrize(
        "more, says",
        [
            (("--reason", "because"), "reason"),
            (("--by", "runner"), "is no person"),
            (("--for", "720h"), "is too long; at most 24h"),
            ((), f"set {VARIABLE}"),
        ],
    )
    def test_is_refused_before_it_is_written(self, said, folder, more, says):
        code, _, err = said(*self.REASON, *more)
        assert (code, says in err) == (2, True)
        assert list(folder.iterdir()) == []

    @pytest.mark.parametrize("commit", [f"{COMMIT}-dirty", "unknown"])
    def test_needs_a_clean_checkout(self, said, monkeypatch, commit):
        tree = "unknown" if commit == "unknown" else TREE
        unclean = RELEASE.model_copy(update={"commit": commit, "tree": tree})
        monkeypatch.setattr("ops.delivery.commands.override.release", lambda _: unclean)
        code, _, err = said(*self.REASON)
        assert (code, "commit what has changed first" in err) == (2, True)


@pytest.fixture
def staging(monkeypatch):
    """A staging that is well, or as a test has it."""
    objects = [record(STAGING.data), source(), kustomization()]
    monkeypatch.setattr("ops.commands.options.connect", lambda *_: HeldCluster(*objects))
    calm = Watched(12, frozenset())
    monkeypatch.setattr("ops.delivery.verdict.collect.critical", lambda _: calm)
    return objects


class TestVerdict:
    def test_is_signed_and_laid_where_the_gate_looks(self, said, staging, key, folder):
        code, out, err = said("verdict", "--key", key)
        assert code == 0
        assert "the gate has nothing against promoting this" in err
        given = believed(Verdict, (folder / VERDICT).read_text(), [public_line(KEY)])
        assert (given.commit, given.tree) == (COMMIT, TREE)
        assert "detector not judged: not graded" in " ".join(out.split())

    def test_takes_the_key_from_the_environment(self, said, staging, folder, monkeypatch):
        monkeypatch.setenv(VARIABLE, private_text(KEY))
        assert said("verdict")[0] == 0
        assert (folder / VERDICT).exists()

    def test_ends_with_3_when_the_gate_would_refuse_it(self, said, staging, key, folder):
        staging[2] = kustomization(spec={"suspend": True})
        code, _, err = said("verdict", "--key", key)
        assert code == 3
        assert "the gate would refuse this: flux failed in staging" in err
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
    monkeypatch.setattr("vocabulary.promotion.checkout.release", released_by)
    rules = {"platform-promotion-verdict": {"trustedKeys": [TRUSTED]}}
    monkeypatch.setattr("ops.delivery.gate.stack_configuration", lambda *_: rules)


@pytest.fixture
def good(release, folder):
    """A verdict about it lies there."""
    now = datetime.now(UTC)
    checks = {"chaos": {"result": "none", "reason": "no workflow has ended yet"}}
    text = paper(at=now, expires=now + timedelta(hours=1), checks=checks)
    (folder / VERDICT).write_text(text)


class TestPromoteCheck:
    def test_ends_with_0_when_the_gate_is_open(self, said, good):
        code, out, _ = said("promote", "--check")
        assert code == 0
        assert "OPEN" in out

    def test_says_what_nobody_has_judged(self, said, good):
        out = " ".join(said("promote", "--check")[1].split())
        assert "chaos not judged: no workflow has ended yet" in out

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
        text = override(at=now, until=now + timedelta(hours=1), reason="staging is down", by="ada")
        (folder / OVERRIDE).write_text(text)
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
