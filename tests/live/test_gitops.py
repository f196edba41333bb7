"""Commit in Git -> applied -> changed by hand -> healed, by Flux' own controllers."""

from tests.live.conftest import eventually

SERVICE = "notification-service"
FILE = f"infra/gitops/services/{SERVICE}.yaml"
LABEL = "example.com/team"
OWNED_BY_NOBODY = f"labels: {{app: {SERVICE}}}"
OWNED_BY_POST = f"labels: {{app: {SERVICE}, {LABEL}: post}}"


def label(platform):
    return platform.get("service", SERVICE)["metadata"]["labels"].get(LABEL)


def applied(platform):
    found = platform.get("kustomization", "brisa-production", "flux-system")
    return found["status"]["lastAppliedRevision"]


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
