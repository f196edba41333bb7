"""Commit in Git -> applied -> changed by hand -> healed, by Flux' own controllers."""

import os
from datetime import timedelta

from ops.cluster import connect
from ops.gitops.diff import get_diff
from ops.gitops.logs import get_logs
from sandbox.toolchain.toolchain import kubectl
from tests.live.conftest import eventually

SERVICE = "notification-service"
FILE = f"infra/gitops/services/{SERVICE}.yaml"
LABEL = "example.com/team"
UNHEALTHY = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: never-bound, namespace: brisa-sandbox}
spec:
  storageClassName: of-nobody
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 1Mi}}
"""
"""Flux waits for it, three minutes by the stack's `timeout`."""
OWNED_BY_NOBODY = f"labels: {{app: {SERVICE}}}"
OWNED_BY_POST = f"labels: {{app: {SERVICE}, {LABEL}: post}}"


def label(platform):
    return platform.get("service", SERVICE)["metadata"]["labels"].get(LABEL)


def applied(platform):
    found = platform.get("kustomization", "brisa-production", "flux-system")
    return found["status"].get("lastAppliedRevision", "")


def test_a_commit_is_applied_and_what_is_changed_by_hand_is_healed(platform, tmp_path):
    """The promise of GitOps, with a commit pushed as anybody would."""
    clone = tmp_path / "clone"
    platform.demo.clone(clone)
    manifest = clone / FILE
    before = manifest.read_text()
    manifest.write_text(before.replace(OWNED_BY_NOBODY, OWNED_BY_POST, 1))
    commit = platform.demo.push(clone, "The post office owns notifications")
    try:
        eventually(lambda: label(platform) == "post", what="the commit is applied")
        eventually(lambda: applied(platform).endswith(commit), what="Flux says so")

        command = ("label", "service", SERVICE, "--namespace=brisa-sandbox", "--overwrite")
        platform.kubectl(*command, f"{LABEL}=by-hand")
        assert label(platform) == "by-hand"
        eventually(lambda: label(platform) == "post", what="the change by hand is taken back")
    finally:
        manifest.write_text(before)
        platform.demo.push(clone, "Nobody owns notifications")
    eventually(lambda: label(platform) is None, what="what Git drops is dropped")


def test_a_commit_that_mends_does_not_wait_for_the_broken_one(platform, tmp_path):
    """Before the health check of the broken one has timed out."""
    clone = tmp_path / "clone"
    platform.demo.clone(clone)
    manifest = clone / "infra/gitops/services/never-bound.yaml"
    manifest.write_text(UNHEALTHY)
    broken = platform.demo.push(clone, "A claim that nobody binds")
    manifest.unlink()

    def checked():
        found = platform.get("kustomization", "brisa-production", "flux-system")["status"]
        return found["lastAttemptedRevision"].endswith(broken) and any(
            each["type"] == "Reconciling" and "health checks" in each["message"]
            for each in found["conditions"]
        )

    try:
        eventually(checked, what="Flux waits for the claim")
    finally:
        mended = platform.demo.push(clone, "No claim")
    eventually(lambda: applied(platform).endswith(mended), what="Git holds again", seconds=60)


def test_what_differs_from_git_is_told_and_left_as_it_is(platform, tmp_path, monkeypatch):
    """Before Flux puts it right, by a dry run."""
    monkeypatch.setenv("PATH", os.fspath(kubectl().parent), prepend=os.pathsep)
    clone = tmp_path / "clone"
    platform.demo.clone(clone)
    cluster = connect(os.fspath(platform.kubeconfig))

    def differing():
        found = get_diff("brisa-production", folder=clone / "infra/gitops", cluster=cluster)
        return {str(each.ref): each for each in found.objects}

    eventually(lambda: not differing(), what="nothing differs")
    platform.kubectl(
        *("label", "service", SERVICE, "--namespace=brisa-sandbox", "--overwrite", "app=by-hand")
    )
    found = differing()[f"Service/{SERVICE} in brisa-sandbox"]
    assert {d.path for d in found.differences} == {"metadata.labels.app"}
    assert platform.get("service", SERVICE)["metadata"]["labels"]["app"] == "by-hand"
    eventually(lambda: not differing(), what="Flux has put it right")


def test_what_the_controllers_wrote_about_an_object_is_found(platform):
    cluster = connect(os.fspath(platform.kubeconfig))
    found = get_logs("brisa-production", since=timedelta(hours=1), cluster=cluster)
    assert {each.about for each in found.lines} == {"Kustomization/brisa-production"}
