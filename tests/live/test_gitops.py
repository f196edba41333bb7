"""Commit in Git -> applied -> changed by hand -> healed, by Flux' own controllers."""

from tests.live.conftest import eventually

SERVICE = "notification-service"
FILE = f"infra/gitops/services/{SERVICE}.yaml"
LABEL = "example.com/team"


def label(platform):
    return platform.get("service", SERVICE)["metadata"]["labels"].get(LABEL)


def test_a_commit_is_applied_and_what_is_changed_by_hand_is_healed(platform, tmp_path):
    """The promise of GitOps, with a commit pushed as anybody would."""
    clone = tmp_path / "clone"
    platform.demo.clone(clone)
    manifest = clone / FILE
    before = manifest.read_text()
    changed = before.replace(
        f"labels: {{app: {SERVICE}}}", f"labels: {{app: {SERVICE}, {LABEL}: post}}", 1
    )
    assert changed != before
    manifest.write_text(changed)

    commit = platform.demo.push(clone, "The post office owns notifications")

    eventually(lambda: label(platform) == "post", what="the commit is applied")
    applied = platform.get("kustomization", "brisa-production", "flux-system")["status"]
    assert applied["lastAppliedRevision"].endswith(commit)

    platform.kubectl(
        *("label", "service", SERVICE, "--namespace=brisa-sandbox", "--overwrite"),
        f"{LABEL}=by-hand",
    )
    assert label(platform) == "by-hand"
    eventually(lambda: label(platform) == "post", what="the change by hand is taken back")

    manifest.write_text(before)
    platform.demo.push(clone, "Nobody owns notifications")
    eventually(lambda: label(platform) is None, what="what Git drops is dropped")
