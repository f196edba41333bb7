"""GitOps commands on a real API server; a thread plays Flux's controllers by writing status."""

import json
import os
import threading
import time

import pytest
import yaml

from ops.errors import ConflictError, UnhealthyError
from ops.gitops import get_gitops_status, suspend, trigger_reconciliation
from ops.gitops.diff import get_diff
from sandbox.toolchain.toolchain import kubectl
from vocabulary.kinds import GIT_REPOSITORY, KUSTOMIZATION
from vocabulary.labels import RECONCILE_REQUEST, SUSPENSION

pytestmark = pytest.mark.cluster

SOURCE = {
    "apiVersion": GIT_REPOSITORY.api_version,
    "kind": GIT_REPOSITORY.kind,
    "metadata": {"name": "infra"},
    "spec": {"url": "https://git.invalid/infra", "interval": "5m0s"},
}
APPS = {
    "apiVersion": KUSTOMIZATION.api_version,
    "kind": KUSTOMIZATION.kind,
    "metadata": {"name": "apps"},
    "spec": {
        "interval": "5m0s",
        "prune": True,
        "path": "./apps",
        "sourceRef": {"kind": "GitRepository", "name": "infra"},
    },
}
ALERT = {
    "apiVersion": "notification.toolkit.fluxcd.io/v1beta3",
    "kind": "Alert",
    "metadata": {"name": "loud"},
    "spec": {
        "providerRef": {"name": "x"},
        "eventSources": [{"kind": "GitRepository", "name": "*"}],
    },
}


@pytest.fixture
def flux(platform, space):
    """A source, a Kustomization and an alert in a namespace of their own."""
    documents = {"apiVersion": "v1", "kind": "List", "items": [SOURCE, APPS, ALERT]}
    platform.kubectl("create", "-n", space, "-f", "-", stdin=json.dumps(documents))
    return space


def answer(cluster, kind, namespace, name, token, *, status="True", **parts):
    """Write what a controller writes when it has dealt with a request."""
    item = cluster.get(kind, namespace, name)
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    condition = {
        "type": "Ready",
        "status": status,
        "reason": "ReconciliationSucceeded" if status == "True" else "BuildFailed",
        "message": "no such file" if status == "False" else "Applied",
        "lastTransitionTime": now,
        "observedGeneration": item["metadata"]["generation"],
    }
    body = {"status": {"lastHandledReconcileAt": token, "conditions": [condition], **parts}}
    path = f"{cluster.catalogue.find(kind).path(namespace, name)}/status"
    cluster.request("PATCH", path, body, content_type="application/merge-patch+json")


@pytest.fixture
def controllers(cluster, flux):
    """Play source-controller and kustomize-controller until the test is over."""
    stop, status, seen = threading.Event(), {"apps": "True"}, []

    def play():
        while not stop.wait(0.1):
            for kind, name in ((GIT_REPOSITORY, "infra"), (KUSTOMIZATION, "apps")):
                item = cluster.get(kind, flux, name)
                token = item["metadata"].get("annotations", {}).get(RECONCILE_REQUEST)
                if token is None or token in seen:
                    continue
                seen.append(token)
                if kind is GIT_REPOSITORY:
                    artifact = {
                        "digest": f"sha256:{'0' * 64}",
                        "lastUpdateTime": "2026-11-24T12:00:00Z",
                        "path": "infra",
                        "revision": f"main@sha1:{len(seen)}",
                        "url": "http://infra.invalid/",
                    }
                    answer(cluster, kind, flux, name, token, artifact=artifact)
                else:
                    source = cluster.get(GIT_REPOSITORY, flux, "infra")
                    revision = source.get("status", {}).get("artifact", {}).get("revision", "")
                    answer(
                        cluster, kind, flux, name, token,
                        status=status["apps"], lastAppliedRevision=revision,
                    )  # fmt: skip

    player = threading.Thread(target=play)
    player.start()
    yield status
    stop.set()
    player.join()


def get(cluster, flux, name="apps", kind=KUSTOMIZATION):
    return cluster.get(kind, flux, name)


class TestReconcile:
    def test_waits_until_source_and_kustomization_have_really_been_dealt_with(
        self, ops, cluster, flux, controllers
    ):
        done = ops("gitops", "reconcile", "apps", "-n", flux, "--with-source", "-o", "json")
        assert done.code == 0, done.err
        source, apps = done.document["objects"]
        assert (source["change"]["kind"], apps["change"]["kind"]) == (
            "GitRepository", "Kustomization",
        )  # fmt: skip
        assert source["handled"]
        assert apps["handled"]
        assert apps["revision"] == source["revision"] == "main@sha1:1"

    def test_a_failure_is_told_at_once_with_its_reason(self, ops, flux, controllers):
        controllers["apps"] = "False"
        done = ops("gitops", "reconcile", "apps", "-n", flux)
        assert done.code == 3
        assert "BuildFailed: no such file" in done.err

    def test_without_a_controller_the_time_is_up(self, ops, flux):
        done = ops("gitops", "reconcile", "apps", "-n", flux, "--timeout", "1s")
        assert done.code == 1
        assert "waiting: Kustomization/apps" in done.err
        assert "after 1s: Kustomization/apps" in done.err
        assert "has not answered yet" in done.err

    def test_an_old_answer_is_not_taken_for_the_new_one(self, ops, cluster, flux):
        answer(cluster, KUSTOMIZATION, flux, "apps", "an earlier request")
        assert ops("gitops", "reconcile", "apps", "-n", flux, "--timeout", "1s").code == 1

    def test_a_dry_run_asks_for_nothing(self, ops, cluster, flux):
        done = ops("gitops", "reconcile", "apps", "-n", flux, "--with-source", "--dry-run")
        assert done.code == 0
        assert done.out.count("would be asked to reconcile") == 2
        assert RECONCILE_REQUEST not in get(cluster, flux)["metadata"].get("annotations", {})

    def test_without_waiting_the_request_is_there(self, ops, cluster, flux):
        assert ops("gitops", "reconcile", "ks/apps", "-n", flux, "--no-wait").code == 0
        assert RECONCILE_REQUEST in get(cluster, flux)["metadata"]["annotations"]

    @pytest.mark.parametrize(
        "target, code, said",
        [
            ("alert/loud", 2, "nothing reconciles Alert/loud"),
            ("nothing", 1, "there is no Kustomization/nothing"),
            ("banana/apps", 2, "Flux has no kind 'banana' in this cluster; it has: alert"),
        ],
    )
    def test_what_cannot_be_is_said(self, ops, flux, target, code, said):
        done = ops("gitops", "reconcile", target, "-n", flux)
        assert (done.code, said in done.err) == (code, True), done.err

    def test_is_a_python_function_too(self, cluster, flux, controllers):
        done = trigger_reconciliation("apps", namespace=flux, cluster=cluster)
        assert done.objects[0].handled


class TestSuspend:
    def suspend(self, ops, flux, *more):
        return ops("gitops", "suspend", "apps", "-n", flux, "--reason", "incident 42", *more)

    def test_says_on_the_object_who_until_when_and_why(self, ops, cluster, flux):
        assert self.suspend(ops, flux, "--for", "2h").code == 0
        item = get(cluster, flux)
        record = json.loads(item["metadata"]["annotations"][SUSPENSION])
        assert item["spec"]["suspend"] is True
        assert record["reason"] == "incident 42"
        assert record["by"].endswith("as sandbox-admin")
        assert record["until"] > record["at"]

    def test_survives_flux_and_whoever_else_applies_the_object(self, ops, cluster, platform, flux):
        self.suspend(ops, flux)
        # As kustomize-controller does with what lies in Git, and Pulumi with what it declares.
        for manager in ("kustomize-controller", "pulumi-kubernetes-12345678"):
            platform.kubectl(
                "apply", "--server-side", "--force-conflicts", f"--field-manager={manager}",
                "-n", flux, "-f", "-", stdin=json.dumps(APPS),
            )  # fmt: skip
        item = get(cluster, flux)
        assert item["spec"]["suspend"] is True
        assert SUSPENSION in item["metadata"]["annotations"]

    def test_a_dry_run_changes_nothing(self, ops, cluster, flux):
        before = get(cluster, flux)
        done = self.suspend(ops, flux, "--dry-run", "-o", "json")
        assert done.document["dry_run"] is True
        paths = [each["path"] for each in done.document["changes"][0]["differences"]]
        assert paths == [f"metadata.annotations.{SUSPENSION}", "spec.suspend"]
        assert get(cluster, flux) == before

    def test_what_is_suspended_is_not_reconciled(self, ops, flux):
        self.suspend(ops, flux)
        done = ops("gitops", "reconcile", "apps", "-n", flux)
        assert done.code == 2
        assert "is suspended by" in done.err
        assert "(incident 42); resume it first" in done.err

    @pytest.mark.parametrize("given", [("--for", "0s"), ("--for", "2"), ("--for", "1d")])
    def test_a_time_that_is_none_is_refused(self, ops, cluster, flux, given):
        assert self.suspend(ops, flux, *given).code == 2
        assert "suspend" not in get(cluster, flux)["spec"]

    def test_what_nothing_reconciles_is_refused(self, ops, flux):
        done = ops("gitops", "suspend", "alert/loud", "-n", flux, "--reason", "x")
        assert done.code == 2
        assert "would change nothing" in done.err

    def test_a_change_in_between_is_seen(self, cluster, flux):
        stale = get(cluster, flux)
        suspend("apps", reason="first", namespace=flux, cluster=cluster)
        with pytest.raises(ConflictError, match="somebody else changed it meanwhile"):
            cluster.patch(stale, {"spec": {"suspend": False}})


class TestResume:
    def test_lets_flux_go_on_at_once_and_waits_for_it(self, ops, cluster, flux, controllers):
        suspend("apps", reason="incident", namespace=flux, cluster=cluster)
        done = ops("gitops", "resume", "apps", "-n", flux)
        assert done.code == 0, done.err
        item = get(cluster, flux)
        assert "suspend" not in item["spec"]
        assert SUSPENSION not in item["metadata"]["annotations"]
        handled = item["status"]["lastHandledReconcileAt"]
        assert handled == item["metadata"]["annotations"][RECONCILE_REQUEST]

    def test_of_what_never_stopped_does_nothing(self, ops, cluster, flux):
        before = get(cluster, flux)
        done = ops("gitops", "resume", "apps", "-n", flux)
        assert (done.code, done.out) == (0, f"unchanged Kustomization/apps in {flux}\n")
        assert get(cluster, flux) == before

    def test_ends_what_is_expired_and_nothing_else(self, ops, cluster, flux):
        suspend("apps", reason="over", namespace=flux, cluster=cluster)
        suspend("gitrepository/infra", reason="goes on", namespace=flux, cluster=cluster)
        expire(cluster, flux)
        done = ops("gitops", "resume", "--expired", "-n", flux, "-o", "json")
        assert [each["name"] for each in done.document["changes"]] == ["apps"]
        assert "suspend" not in get(cluster, flux)["spec"]
        assert get(cluster, flux, "infra", GIT_REPOSITORY)["spec"]["suspend"] is True

    def test_an_expired_suspension_is_overdue_until_then(self, ops, cluster, flux):
        suspend("apps", reason="over", namespace=flux, cluster=cluster)
        expire(cluster, flux)
        assert [each.name for each in get_gitops_status(cluster, namespace=flux).overdue] == [
            "apps"
        ]
        found = ops("gitops", "status", "-n", flux)
        assert found.code == 3
        assert ": over, until 2020-01-01T00:00:00Z" in found.out

    @pytest.mark.parametrize("given", [(), ("apps", "--expired")])
    def test_must_be_told_what(self, ops, given):
        done = ops("gitops", "resume", *given)
        assert done.code == 2
        assert "name what shall go on, or say --expired" in done.err


def expire(cluster, flux):
    """Let the time of a suspension be up."""
    item = get(cluster, flux)
    record = json.loads(item["metadata"]["annotations"][SUSPENSION])
    record["until"] = "2020-01-01T00:00:00Z"
    note = {SUSPENSION: json.dumps(record)}
    cluster.patch(item, {"metadata": {"annotations": note}})


class TestSuspensions:
    def test_of_others_are_shown_with_the_time_of_the_change(self, ops, platform, flux):
        platform.kubectl(
            "patch", "kustomization", "apps", "-n", flux, "--type=merge",
            "-p", '{"spec":{"suspend":true}}',
        )  # fmt: skip
        objects = ops("gitops", "status", "-n", flux, "-o", "json").document["objects"]
        (found,) = (each for each in objects if each["state"] == "suspended")
        assert (found["suspension"], found["message"]) == (None, "nobody said why")
        assert found["suspended_since"].startswith("20")


class TestDiff:
    """Through a real server-side dry run, and kubectl's own build."""

    @pytest.fixture
    def checkout(self, tmp_path, monkeypatch, flux):
        monkeypatch.setenv("PATH", os.fspath(kubectl().parent), prepend=os.pathsep)
        settings = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "settings", "namespace": flux},
            "data": {"level": "info"},
        }
        (tmp_path / "settings.yaml").write_text(yaml.safe_dump(settings))
        return tmp_path

    @pytest.fixture
    def applied(self, platform, checkout, flux):
        """As Flux would have applied it."""
        (item,) = yaml.safe_load_all((checkout / "settings.yaml").read_text())
        mark = {"name": "apps", "namespace": flux}
        item["metadata"]["labels"] = {
            f"kustomize.toolkit.fluxcd.io/{key}": value for key, value in mark.items()
        }
        platform.kubectl(
            "apply", "--server-side", "--field-manager=kustomize-controller", "-f", "-",
            stdin=json.dumps(item),
        )  # fmt: skip

    def test_what_was_applied_does_not_differ(self, cluster, flux, checkout, applied):
        found = get_diff("apps", folder=checkout, namespace=flux, cluster=cluster)
        assert found.objects == ()
        assert found.well

    def test_what_somebody_changed_does_and_stays_as_it_is(
        self, ops, platform, flux, checkout, applied
    ):
        patch = '{"data": {"level": "debug", "theirs": "x"}}'
        platform.kubectl("patch", "configmap", "settings", "-n", flux, "--type=merge", "-p", patch)
        answered = ops("gitops", "diff", "apps", "-n", flux, "--path", checkout, "-o", "json")
        assert answered.code == UnhealthyError.exit_code
        (drifted,) = answered.document["objects"]
        # What others have added beside is theirs.
        assert drifted["differences"] == [
            {"path": "data.level", "before": "debug", "after": "info"}
        ]
        now = platform.kubectl("get", "configmap", "settings", "-n", flux, "-o", "jsonpath={.data}")
        assert json.loads(now) == {"level": "debug", "theirs": "x"}

    def test_what_is_missing_would_be_created(self, cluster, flux, checkout):
        (drifted,) = get_diff("apps", folder=checkout, namespace=flux, cluster=cluster).objects
        assert (drifted.what, drifted.name) == ("created", "settings")
