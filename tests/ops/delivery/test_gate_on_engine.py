"""The promotion gate in the real engine, on a real API server.

A program of its own registers the record of a production release, as `__main__.py` does, so that
nothing else has to be there. The tests of a class build on one another.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.engine.workspace import Workspace
from sandbox.folder import CHECKOUT
from tests.vocabulary.promotion.signed import COMMIT, OTHER_TREE, RELEASE, TRUSTED, override, paper
from vocabulary.labels import OVERRIDDEN, PROMOTED_BY
from vocabulary.promotion.checkout import FOLDER_VARIABLE, OVERRIDE, VERDICT

pytestmark = [pytest.mark.engine, pytest.mark.cluster]

PROGRAM = f"""\
import json, sys
sys.path.insert(0, {str(CHECKOUT)!r})
import pulumi
import pulumi_kubernetes as kubernetes
from components.release_record import ReleaseRecord, ReleaseRecordArgs
from policy.terms import terms
from vocabulary.promotion.release import Release

config = pulumi.Config()
cluster = kubernetes.Provider("cluster", kubeconfig=config.require("kubeconfig"))
release = Release.model_validate_json(config.require("release"))
args = ReleaseRecordArgs(release, terms(json.loads(config.require("rules"))))
record = ReleaseRecord("release", args, pulumi.ResourceOptions(provider=cluster))
after = pulumi.ResourceOptions(provider=cluster, depends_on=[record])
metadata = {{"name": "after-the-record", "labels": {{
    "app.kubernetes.io/name": "x", "app.kubernetes.io/part-of": "x",
    "app.kubernetes.io/managed-by": "pulumi"}}}}
kubernetes.core.v1.Namespace("after", metadata=metadata, opts=after)
pulumi.export("release", record.record)
"""
RULES = {
    "all": "mandatory",
    "platform-promotion-verdict": {"trustedKeys": [TRUSTED]},
    "chaos-environment-lock": {"environment": "production"},
}
NOW = datetime.now(UTC)
FRESH = paper(commit=COMMIT, at=NOW, expires=NOW + timedelta(hours=1))
OLDER = paper(at=NOW - timedelta(minutes=30), expires=NOW + timedelta(hours=1))
WAIVER = override(at=NOW, until=NOW + timedelta(hours=1))


class Production:
    """A production stack and the papers beside its program."""

    def __init__(self, engine: Workspace, folder: Path, kubeconfig: Path) -> None:
        self.engine, self.papers = engine, folder / "papers"
        self.project, self.rules = folder / "project", folder / "rules.json"
        self.papers.mkdir()
        self.project.mkdir()
        self.rules.write_text(json.dumps(RULES))
        (self.project / "__main__.py").write_text(PROGRAM)
        options = {"toolchain": "pip", "virtualenv": sys.prefix}
        project = {"name": "gate", "runtime": {"name": "python", "options": options}}
        (self.project / "Pulumi.yaml").write_text(json.dumps(project))
        self.pulumi("stack", "init", "prod")
        self.configure(kubeconfig=str(kubeconfig), rules=json.dumps(RULES))
        self.configure(release=RELEASE.model_dump_json())

    def configure(self, **values: str) -> None:
        for key, value in values.items():
            self.pulumi("config", "set", key, value, "--stack", "prod")

    def show(self, *, verdict: str | None = None, override: str | None = None) -> None:
        """Lay these papers beside the program, and no others."""
        for name, text in ((VERDICT, verdict), (OVERRIDE, override)):
            (self.papers / name).unlink(missing_ok=True)
            if text:
                (self.papers / name).write_text(text)

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.engine.folder / "bin" / "pulumi", *arguments, "--non-interactive"],
            cwd=self.project,
            env=self.engine.environment() | {FOLDER_VARIABLE: str(self.papers)},
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, *arguments: str, pack: bool = True) -> tuple[bool, str]:
        """An operation on the stack; whether it went through, and what it printed."""
        policies = ("--policy-pack", str(CHECKOUT / "policy"))
        policies += ("--policy-pack-config", str(self.rules))
        given = (*arguments, "--stack", "prod", "--color", "never", *(policies if pack else ()))
        done = self.pulumi(*given)
        return done.returncode == 0, done.stdout + done.stderr

    def output(self) -> dict:
        return json.loads(self.pulumi("stack", "output", "release", "--json").stdout)


@pytest.fixture(scope="module")
def production(tmp_path_factory, toolchain, sandbox):
    folder = tmp_path_factory.mktemp("gate")
    engine = Workspace.prepare(toolchain, folder / "engine", CHECKOUT)
    stack = Production(engine, folder, sandbox.kubeconfig)
    yield stack
    stack.pulumi("destroy", "--yes", "--skip-preview", "--stack", "prod")


@pytest.fixture
def record(sandbox):
    """The record in the cluster; None when nothing was let in."""

    def read():
        found = sandbox.kubectl(
            "get",
            "configmap",
            "release",
            "-n",
            "brisa-platform",
            "-o",
            "json",
            "--ignore-not-found",
        )
        return json.loads(found) if found.strip() else None

    return read


class TestTheGate:
    def test_refuses_a_preview_without_a_verdict(self, production):
        passed, printed = production.run("preview")
        assert not passed
        assert "platform-promotion-verdict" in printed
        assert "there is no verdict of staging" in printed

    def test_refuses_an_up_whose_preview_is_skipped_before_it_makes_anything(
        self, production, record, sandbox
    ):
        # The component's own refusal is out of the way: this is the policy alone.
        production.configure(rules=json.dumps({"platform-promotion-verdict": "disabled"}))
        passed, printed = production.run("up", "--yes", "--skip-preview")
        production.configure(rules=json.dumps(RULES))
        assert not passed
        assert "platform-promotion-verdict" in printed
        assert record() is None
        assert "after-the-record" not in sandbox.kubectl("get", "namespaces", "-o", "name")

    def test_refuses_an_up_of_which_the_policy_pack_was_left_out(self, production, record):
        passed, printed = production.run("up", "--yes", "--skip-preview", pack=False)
        assert not passed
        assert "production is not changed" in printed
        assert record() is None

    def test_refuses_a_verdict_about_other_content(self, production):
        production.show(verdict=paper(tree=OTHER_TREE, at=NOW, expires=NOW + timedelta(hours=1)))
        passed, printed = production.run("preview")
        assert not passed
        assert "staging runs other content" in printed

    def test_lets_a_fresh_verdict_in_and_records_it(self, production, record):
        production.show(verdict=FRESH)
        passed, printed = production.run("up", "--yes")
        assert passed, printed
        assert COMMIT in record()["metadata"]["annotations"][PROMOTED_BY]
        assert record()["data"]["verdict"] == FRESH
        assert production.output()["verdict"]["commit"] == COMMIT
        assert production.output()["previous"] is None

    def test_changes_nothing_when_the_same_is_promoted_again(self, production):
        passed, printed = production.run("up", "--yes", "--expect-no-changes")
        assert passed, printed

    def test_lets_an_override_in_and_records_who_and_why(self, production, record):
        production.show(override=WAIVER)
        passed, printed = production.run("up", "--yes")
        assert passed, printed
        assert "released without a verdict" in printed
        noted = record()["metadata"]["annotations"][OVERRIDDEN]
        assert "the certificate of the gateway expires tonight (ada@example.org" in noted
        assert production.output()["override"]["by"] == "ada@example.org"

    def test_remembers_across_an_override_what_was_promoted(self, production):
        assert production.output()["previous"]["commit"] == COMMIT
        production.show(verdict=OLDER)
        passed, printed = production.run("preview")
        assert not passed
        assert "is older than the one that was promoted last" in printed

    def test_refuses_under_the_rules_of_another_environment(self, production, tmp_path):
        production.show()
        staging = tmp_path / "staging.json"
        staging.write_text(
            json.dumps(
                {
                    "platform-promotion-verdict": {"environment": "staging"},
                    "platform-release-record": {"environment": "staging"},
                }
            )
        )
        real, production.rules = production.rules, staging
        passed, printed = production.run("preview")
        production.rules = real
        assert not passed
        assert "there is no" in printed
        assert "is not this environment, staging" in printed
