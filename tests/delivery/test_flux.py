"""Whether Flux has applied what Git says."""

import pytest

from delivery.flux import revisions, unready
from tests.delivery.objects import REVISION, kustomization, release, source


def said(*appliers, sources=None):
    return [str(each) for each in unready(appliers, [source()] if sources is None else sources)]


def condition(status="False", **more):
    return {"conditions": [{"type": "Ready", "status": status, **more}]}


def test_nothing_is_said_when_everything_is_applied():
    assert said(kustomization(), release()) == []


@pytest.mark.parametrize(
    "item, says",
    [
        (kustomization(spec={"suspend": True}), "is suspended, so nothing is applied"),
        (
            kustomization(**condition(reason="BuildFailed", message="no such\nfile")),
            "is not ready: BuildFailed, no such file",
        ),
        (kustomization(**condition("Unknown", reason="Progressing")), "not ready: Progressing"),
        (kustomization(conditions=[]), "is not ready: it has not reported yet"),
        (kustomization(generation=2), "has not seen its last change yet"),
        (
            kustomization(lastAppliedRevision="develop@sha1:old"),
            f"has applied develop@sha1:old, and its source is at {REVISION}",
        ),
        (
            release(**condition(reason="InstallFailed")),
            "HelmRelease flux-system/redis is not ready",
        ),
    ],
)
def test_what_is_not_applied_is_told(item, says):
    (told,) = said(item)
    assert says in told


def test_a_source_that_has_fetched_nothing_is_told():
    (told,) = said(kustomization(), sources=[source("")])
    assert "its source is at nothing yet" in told


def test_a_source_of_a_kind_that_is_not_asked_is_no_matter():
    assert said(kustomization(spec={"sourceRef": {"kind": "Other", "name": "x"}})) == []


def test_revisions_are_those_of_kustomizations():
    found = revisions([kustomization(), kustomization("late", lastAppliedRevision=None), release()])
    assert found == {"flux-system/apps": REVISION, "flux-system/late": "none"}
