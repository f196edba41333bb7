"""The workflows: pinned, with no right that they do not need, and closed to strangers."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from sandbox.console import MESSAGES
from sandbox.folder import CHECKOUT
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import ACTIONLINT

FOLDER = CHECKOUT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
LOGIN = "./.github/actions/cluster"
ACTION = CHECKOUT / LOGIN / "action.yml"
PINNED = re.compile(
    rf"uses: ([\w.-]+/[\w./-]+@[0-9a-f]{{40}} # v\d+\.\d+\.\d+$|{re.escape(LOGIN)} # zizmor)"
)
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def load(file: Path) -> dict:
    # YAML 1.1 reads the key `on` as true.
    content = yaml.safe_load(file.read_text())
    content["on"] = content.pop(True)
    return content


def jobs(*files: Path) -> list:
    return [
        pytest.param(job, id=f"{file.stem}-{name}")
        for file in files or FILES
        for name, job in load(file)["jobs"].items()
    ]


def steps(job: dict) -> list[dict]:
    return job["steps"]


def secrets(node: object) -> set[str]:
    return set(re.findall(r"secrets\.(\w+)", yaml.safe_dump(node)))


def test_there_are_those_that_the_docs_name():
    names = {"check", "drift", "image", "preview", "preview-comment", "promote", "staging"}
    assert {file.stem for file in FILES} == names


class TestLinters:
    def test_zizmor_has_nothing_to_say(self):
        zizmor = Path(sys.executable).with_name("zizmor")
        done = subprocess.run(
            [zizmor, "--offline", "--no-progress", "--color=never", CHECKOUT / ".github"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "No findings to report" in done.stdout

    @pytest.mark.engine
    def test_actionlint_has_nothing_to_say(self):
        actionlint = Toolchain.ensure(MESSAGES, [ACTIONLINT]).path(ACTIONLINT.name)
        # What else is on this machine must not decide.
        tools = ("-shellcheck=", "-pyflakes=")
        done = subprocess.run(
            [actionlint, "-no-color", *tools, *FILES], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (0, "")


class TestEveryWorkflow:
    @pytest.mark.parametrize("file", [*FILES, ACTION], ids=lambda file: file.stem)
    def test_pins_actions_by_commit(self, file):
        uses = [line.strip() for line in file.read_text().splitlines() if "uses:" in line]
        assert uses
        assert [line for line in uses if not PINNED.search(line)] == []

    @each_file
    def test_starts_without_rights(self, file):
        assert load(file)["permissions"] == {}

    @each_file
    def test_runs_no_code_of_strangers_with_rights(self, file):
        assert "pull_request_target" not in load(file)["on"]

    def test_agrees_with_the_others_on_versions(self):
        used = {}
        for file in FILES:
            for action, commit in re.findall(r"uses: (\S+)@(\S+)", file.read_text()):
                used.setdefault(action, set()).add(commit)
        assert {action for action, commits in used.items() if len(commits) > 1} == set()

    def test_uses_the_engine_that_requirements_pin(self):
        (pinned,) = re.findall(
            r"^pulumi==(\S+)", (CHECKOUT / "requirements.txt").read_text(), re.MULTILINE
        )
        for file in FILES:
            versions = set(re.findall(r"pulumi-version: (\S+)", file.read_text()))
            assert versions <= {pinned}


class TestEveryJob:
    @pytest.mark.parametrize("job", jobs())
    def test_asks_for_no_more_than_it_needs(self, job):
        rights = job["permissions"]
        proposes = any("gh pr create" in step.get("run", "") for step in steps(job))
        pushes = any("docker login" in step.get("run", "") for step in steps(job))
        allowed = {
            "contents": "write" if proposes else "read",
            "packages": "write" if pushes else "none",
            "actions": "read",
            "pull-requests": "write",
            "issues": "write",
            "id-token": "write",
        }
        assert rights["contents"] == allowed["contents"]
        assert rights.items() <= allowed.items()

    @pytest.mark.parametrize("job", jobs())
    def test_may_ask_a_cloud_for_a_login_only_from_an_environment(self, job):
        logs_in = any(step.get("uses") == LOGIN for step in steps(job))
        signs = any("cosign sign" in step.get("run", "") for step in steps(job))
        assert ("id-token" in job["permissions"]) is (logs_in or signs)
        assert "environment" in job or not logs_in

    @pytest.mark.parametrize("job", jobs())
    def test_ends_some_time(self, job):
        assert job["timeout-minutes"] <= 90

    @pytest.mark.parametrize("job", jobs())
    def test_takes_secrets_from_an_environment_only(self, job):
        if secrets(job):
            assert "environment" in job

    @pytest.mark.parametrize("job", jobs())
    def test_leaves_no_token_in_the_checkout(self, job):
        for step in steps(job):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False

    @pytest.mark.parametrize("job", jobs())
    def test_puts_nothing_of_others_into_a_script(self, job):
        assert [step["run"] for step in steps(job) if "${{" in step.get("run", "")] == []

    @pytest.mark.parametrize("job", jobs())
    def test_that_changes_a_stack_is_alone_and_never_cut_short(self, job, request):
        scripts = " ".join(step.get("run", "") for step in steps(job))
        if "ops deploy" in scripts or "promote --yes" in scripts:
            found = job.get("concurrency") or load(FOLDER / "staging.yml")["concurrency"]
            assert found["group"].startswith("stack-")
            assert found["cancel-in-progress"] is False


class TestPullRequestsFromForks:
    PREVIEW = load(FOLDER / "preview.yml")
    COMMENT = load(FOLDER / "preview-comment.yml")

    def test_are_rendered_without_secrets(self):
        assert secrets(self.PREVIEW["jobs"]["rendered"]) == set()
        assert "environment" not in self.PREVIEW["jobs"]["rendered"]

    def test_never_reach_the_job_that_has_credentials(self):
        condition = self.PREVIEW["jobs"]["engine"]["if"]
        assert "github.event.pull_request.head.repo.full_name == github.repository" in condition

    def test_get_no_right_to_write(self):
        for job in self.PREVIEW["jobs"].values():
            assert {key for key, right in job["permissions"].items() if right != "read"} <= {
                "id-token"
            }

    def test_get_nothing_that_decrypts_a_secret_of_the_stack(self):
        held = secrets(self.PREVIEW["jobs"]["engine"])
        assert held == {"KUBECONFIG", "PULUMI_BACKEND_URL"}
        assert "id-token" not in self.PREVIEW["jobs"]["rendered"]["permissions"]

    def test_are_commented_by_the_code_of_the_default_branch(self):
        assert set(self.COMMENT["on"]) == {"workflow_run"}
        (job,) = self.COMMENT["jobs"].values()
        (checkout,) = [s for s in steps(job) if s.get("uses", "").startswith("actions/checkout@")]
        assert "ref" not in checkout["with"]
        assert secrets(job) == set()

    def test_are_commented_also_when_the_preview_failed(self):
        (job,) = self.COMMENT["jobs"].values()
        assert "conclusion" not in job["if"]
        uploads = [
            step
            for each in self.PREVIEW["jobs"].values()
            for step in steps(each)
            if step.get("uses", "").startswith("actions/upload-artifact@")
        ]
        assert [step["if"] for step in uploads] == ["always()"] * 2


class TestTheImage:
    BUILD, PROPOSE = load(FOLDER / "image.yml")["jobs"].values()

    def test_is_built_with_sbom_and_provenance_and_signed_by_its_digest(self):
        build, sign = self.BUILD["steps"][-2:]
        assert {"--sbom=true", "--provenance=mode=max", "--push"} <= set(build["run"].split())
        assert sign["env"]["REFERENCE"] == "${{ steps.build.outputs.reference }}"
        assert '$repository:$TAG@$digest"' in build["run"]
        assert 'cosign sign --yes --recursive "$REFERENCE"' in sign["run"]

    def test_takes_its_base_by_digest(self):
        base = re.search(
            r"^FROM (\S+)@", (CHECKOUT / "anomaly" / "Dockerfile").read_text(), re.MULTILINE
        )
        assert f"inspect {base[1]} " in self.BUILD["steps"][-2]["run"]

    def test_comes_into_the_stacks_by_a_pull_request_alone(self):
        assert self.PROPOSE["needs"] == "build"
        assert "packages" not in self.PROPOSE["permissions"]
        script = self.PROPOSE["steps"][-1]["run"]
        assert 'ops image "$REFERENCE" --stack staging --stack prod' in script
        assert 'git push origin "$BRANCH"' in script


class TestPromotion:
    PROMOTE = load(FOLDER / "promote.yml")["jobs"]

    def test_waits_for_the_verdict_of_staging(self):
        assert self.PROMOTE["promote"]["needs"] == "verdict"
        assert self.PROMOTE["verdict"]["environment"] == "verdict"

    def test_asks_a_person(self):
        assert self.PROMOTE["promote"]["environment"] == "production"

    def test_gives_the_signing_key_to_protected_environments_alone(self):
        held = {
            job.get("environment")
            for file in FILES
            for job in load(file)["jobs"].values()
            if "BRISA_VERDICT_KEY" in secrets(job)
        }
        assert held == {"verdict", "production"}

    def test_goes_on_without_a_verdict_only_with_a_reason(self):
        condition = self.PROMOTE["promote"]["if"]
        assert "needs.verdict.result == 'success'" in condition
        assert "needs.verdict.result == 'skipped' && inputs.override != ''" in condition

    def test_does_not_go_on_when_somebody_cancels_it(self):
        assert self.PROMOTE["promote"]["if"].startswith("!cancelled() && ")
