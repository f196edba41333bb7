"""The page's program runs without engine and cluster, and what another stack says arrives."""

import pulumi
import pytest

from tests.docs.pages import ROOT, Page
from tests.recording import Graph, deploy
from vocabulary.kinds import AUTHORIZATION_POLICY, CRON_JOB, GIT_REPOSITORY, VIRTUAL_SERVICE

BUILT = {
    "kubeconfig": "a kubeconfig",
    "repository": "https://git.example.org/made/elsewhere",
    "detectorImage": f"registry.example/detector@sha256:{'7c' * 32}",
}


@pytest.fixture(scope="module")
def made() -> Graph:
    (program,) = [
        block.text
        for block in Page(ROOT / "docs" / "components" / "elsewhere.md").blocks
        if block.language == "python"
    ]
    with pytest.MonkeyPatch.context() as patch:
        told = lambda _, name: pulumi.Output.from_input(BUILT[name])  # noqa: E731
        patch.setattr(pulumi.StackReference, "require_output", told)
        return deploy(lambda: exec(compile(program, "elsewhere.md", "exec"), {}))


def test_flux_follows_the_repository_of_another_stack(made):
    assert made.one(GIT_REPOSITORY).spec["url"] == BUILT["repository"]


def test_the_detector_runs_the_image_of_another_stack(made):
    pod = made.one(CRON_JOB).spec["jobTemplate"]["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == BUILT["detectorImage"]


def test_the_service_has_its_route_and_its_callers(made):
    assert made.one(VIRTUAL_SERVICE).spec["hosts"] == ["web.shop.svc.cluster.local"]
    assert len(made.all(AUTHORIZATION_POLICY)) == 2
