"""Previews, verdicts and drift of the whole stack, on a real API server and engine.

The tests build on one another, in the order in which they stand.
"""

import json
import subprocess
import sys

import pytest

from ops.cluster import connect
from ops.delivery.preview.markdown import comment
from ops.delivery.preview.report import read
from sandbox.folder import CHECKOUT
from sandbox.session import STACK
from vocabulary.kinds import EVENT, KUSTOMIZATION, Kind
from vocabulary.promotion.checkout import commit

pytestmark = [pytest.mark.cluster, pytest.mark.engine]

RULE = ("destinationrule", "web", "-n", "brisa-sandbox")
CHANGE = {"spec": {"trafficPolicy": {"connectionPool": {"tcp": {"maxConnections": 7}}}}}
DENIAL = ("authorizationpolicy", "default-deny", "-n", "brisa-sandbox")


@pytest.fixture(scope="module")
def cluster(standing):
    return standing.cluster


@pytest.fixture(scope="module")
def engine(standing):
    return standing.engine


@pytest.fixture
def delivery(engine):
    """Run a command as a reader would; returns its exit code, stdout and stderr."""

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "ops", *map(str, arguments)],
            cwd=CHECKOUT,
            env=engine.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return run


class TestTheClusterByKind:
    @pytest.fixture
    def there(self, engine):
        return connect(str(engine.kubeconfig), "brisa-sandbox")

    def test_has_objects_and_none_of_a_kind_that_it_does_not_know(self, there):
        (found,) = there.all(KUSTOMIZATION)
        assert found["metadata"]["name"] == "brisa-production"
        assert there.all(Kind("example.org/v1", "Nothing")) == []
        assert there.all(EVENT) is not None

    def test_has_no_object_where_there_is_none(self, there):
        assert there.one(KUSTOMIZATION, "flux-system", "nothing") is None


class TestVerdict:
    def test_is_about_the_release_that_the_record_names(self, delivery, rules):
        rules.serve(("GatewayDown", "inactive", "critical"))
        code, out, err = delivery(
            "verdict", "--stack", STACK, "--prometheus", rules.url, "--dry-run", "-o", "json"
        )
        verdict = json.loads(out)
        assert (verdict["environment"], verdict["commit"]) == ("sandbox", commit())
        checks = verdict["checks"]
        assert checks["alerts"]["reason"] == "none of 1 critical alerts fires"
        assert checks["chaos"]["result"] == "none"
        # No source controller runs here, so Flux has applied nothing yet.
        assert checks["flux"]["result"] == "failed"
        assert (code, "the gate would refuse this: flux failed" in err) == (3, True)

    def test_is_not_given_when_prometheus_does_not_answer(self, delivery):
        nobody = "http://127.0.0.1:1"
        code, out, err = delivery("verdict", "--stack", STACK, "--prometheus", nobody, "--dry-run")
        assert (code, out, f"{nobody} cannot be reached" in err) == (1, "", True)


class TestPreview:
    def test_of_a_stack_that_is_up_changes_nothing(self, delivery, engine, tmp_path):
        report = tmp_path / "preview-sandbox.json"
        code, out, _ = delivery(
            "preview", "--stack", STACK, "--cwd", engine.project.folder, "--report", report
        )
        assert (code, "sandbox: nothing changes" in out) == (0, True)
        assert read(report).unchanged > 100

    def test_shows_what_a_change_does_and_hides_the_token(self, delivery, engine, tmp_path):
        secret = engine.capture(["config", "get", "brisa-platform:slackToken", "--stack", STACK])
        before = engine.project.stack_file(STACK).read_text()
        for key, value in (
            ("brisa-platform:gitops.interval", "10m0s"),
            ("brisa-platform:chaos.schedules[0].cron", "0 3 * * mon-thu"),
        ):
            engine.capture(["config", "set", "--path", key, value, "--stack", STACK])
        token = ["config", "set", "--secret", "brisa-platform:slackToken", "--stack", STACK]
        engine.capture(token, stdin="a-new-secret-token")
        report = tmp_path / "preview-sandbox.json"
        delivery("preview", "--stack", STACK, "--cwd", engine.project.folder, "--report", report)
        engine.project.stack_file(STACK).write_text(before)
        text = comment(read(report))
        assert "| **replace** | `Secret` | `flux-system/slack-token`" in text
        assert "| update | `GitRepository` | `flux-system/brisa-infrastructure`" in text
        assert "api-pod-failure" in text.partition("#### Experiments")[2]
        for hidden in (secret.strip(), "a-new-secret-token"):
            assert hidden not in text + report.read_text()

    def test_that_fails_says_why(self, delivery, engine, tmp_path):
        before = engine.project.stack_file(STACK).read_text()
        wrong = ["config", "set", "--path", "brisa-platform:gitops.interval", "1s"]
        engine.capture([*wrong, "--stack", STACK])
        report = tmp_path / "preview-sandbox.json"
        code, _, _ = delivery(
            "preview", "--stack", STACK, "--cwd", engine.project.folder, "--report", report
        )
        engine.project.stack_file(STACK).write_text(before)
        assert code == 1
        text = comment(read(report))
        assert "**the preview failed**" in text
        assert "brisa-platform:gitops.interval" in text

    def test_of_a_stack_that_is_not_there_fails_in_the_engines_words(
        self, delivery, tmp_path
    ):  # fmt: skip
        report = tmp_path / "preview-prod.json"
        code, _, _ = delivery("preview", "--stack", "prod", "--report", report)
        assert code == 1
        assert "no stack named 'prod' found" in read(report).diagnostics[0].message


class TestDrift:
    @pytest.fixture
    def drift(self, delivery, engine):
        return lambda *more: delivery(
            "drift", "--stack", STACK, "--cwd", engine.project.folder, *more
        )

    def test_is_seen_for_both_owners(self, drift, cluster):
        cluster.kubectl("patch", *RULE, "--type=merge", "-p", json.dumps(CHANGE))
        cluster.kubectl("delete", *DENIAL)
        suspended = ("kustomization", "brisa-production", "-n", "flux-system")
        cluster.kubectl("patch", *suspended, "--type=merge", "-p", '{"spec":{"suspend":true}}')
        code, out, err = drift("-o", "json")
        assert code == 3, err
        found = json.loads(out)
        assert [(each["kind"], each["operation"]) for each in found["pulumi"]] == [
            ("DestinationRule", "update"),
            ("AuthorizationPolicy", "create"),
        ]
        (flux,) = found["flux"]
        assert "is suspended" in flux["what"]

    def test_is_told_in_the_issue(self, drift):
        code, out, _ = drift()
        assert code == 3
        assert "| `AuthorizationPolicy` | `brisa-sandbox/default-deny` | was deleted |" in out
        assert "-   7\n+   100" in out

    def test_of_the_stack_is_gone_when_it_was_taken_back(self, drift, engine):
        up = ["up", "--yes", "--skip-preview", "--refresh", "--stack", STACK]
        engine.capture(up)
        _, out, _ = drift("-o", "json")
        assert json.loads(out)["pulumi"] == []
