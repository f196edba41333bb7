"""Drift of both owners, and how it is told."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.delivery.drift.flux import drift
from ops.delivery.drift.markdown import body, summary
from ops.delivery.drift.report import DriftReport, FluxDrift, drifted
from ops.delivery.preview.report import Difference, Step
from ops.gitops.state import read as state
from tests.ops.delivery.objects import kustomization
from tests.ops.delivery.recorded import read

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def event(kind, message, minutes=5, *, revision=None, name="apps", **more):
    at = (NOW - timedelta(minutes=minutes)).isoformat()
    return {
        "kind": "Event",
        "metadata": {
            "creationTimestamp": at,
            "annotations": {"kustomize.toolkit.fluxcd.io/revision": revision} if revision else {},
        },
        "involvedObject": {"kind": kind, "namespace": "flux-system", "name": name},
        "message": message,
        "lastTimestamp": at,
        **more,
    }


def found(*events, objects=(), kustomizations=()):
    return drift(objects, kustomizations, events, now=NOW, within=timedelta(hours=1))


def applied(minutes, revision="main@sha1:a"):
    return event("Kustomization", "Deployment/brisa/api configured", minutes, revision=revision)


def finished(minutes, revision="main@sha1:a"):
    return event(
        "Kustomization",
        "Reconciliation finished in 1s",
        minutes,
        revision=revision,
        reason="ReconciliationSucceeded",
    )


def failed(minutes, revision="main@sha1:a"):
    return event(
        "Kustomization",
        "health check failed",
        minutes,
        revision=revision,
        reason="HealthCheckFailed",
        type="Warning",
    )


def settled(minutes, status="ReconciliationSucceeded", revision="main@sha1:a"):
    """A Kustomization that Flux remembers to have applied a revision first at a moment."""
    entry = {
        "firstReconciled": (NOW - timedelta(minutes=minutes)).isoformat(),
        "lastReconciledDuration": "2m0.5s",
        "lastReconciledStatus": status,
        "metadata": {"revision": revision},
    }
    return kustomization(history=[entry])


class TestPulumisDrift:
    def test_is_what_a_look_at_the_cluster_adds(self):
        assert drifted(read("drift").steps, read("nothing").steps) == read("drift").steps

    def test_is_not_what_is_declared_and_not_deployed_yet(self):
        assert drifted(read("changes").steps, read("changes").steps) == ()

    def test_is_seen_in_an_object_that_is_to_change_anyway(self):
        declared = Step(operation="update", kind="x", name="x", urn="x")
        seen = declared.model_copy(update={"differences": (Difference(path="by.hand"),)})
        assert drifted([seen], [declared]) == (seen,)


class TestFluxDrift:
    def test_is_what_flux_has_not_applied(self):
        (one,) = found(objects=[state(kustomization(spec={"suspend": True}), NOW)])
        assert "no drift is healed" in one.what
        assert not one.healed

    def test_is_told_by_releases(self):
        (one,) = found(
            event(
                "HelmRelease", "Cluster state of release x has drifted from the desired state:\ny"
            )
        )
        assert not one.healed

    def test_of_releases_is_healed_when_it_was_corrected_afterwards(self):
        (one,) = found(
            event("HelmRelease", "Cluster state of release x has been corrected:\ny", minutes=3),
            event(
                "HelmRelease", "Cluster state of release x has drifted from the desired state", 4
            ),
        )
        assert one.healed

    def test_of_kustomizations_is_seen_when_a_revision_is_applied_again(self):
        (one,) = found(applied(9), finished(8), applied(5))
        assert one.healed
        assert one.what == "was put back to main@sha1:a: Deployment/brisa/api configured"

    def test_of_an_old_revision_is_seen_by_what_flux_remembers(self):
        (one,) = found(applied(5), kustomizations=[settled(3_000)])
        assert one.healed

    @pytest.mark.parametrize(
        "events, remembered",
        [
            ([applied(9), applied(8), applied(5)], []),
            ([applied(30), failed(20), applied(15), failed(10), applied(5)], []),
            ([finished(40, "main@sha1:a"), applied(30, "main@sha1:b"), applied(20)], []),
            ([applied(9), finished(8), failed(7), applied(5)], []),
            ([applied(5)], [settled(6)]),
            ([applied(5)], [settled(90, "HealthCheckFailed")]),
            ([applied(5)], [settled(90, revision="main@sha1:b")]),
            ([applied(9), finished(8), applied(5, "main@sha1:b")], []),
        ],
        ids=[
            "in stages", "retried", "back to an older one", "failed since", "still going on",
            "never well", "another revision", "a new revision",
        ],
    )  # fmt: skip
    def test_of_kustomizations_is_not_a_rollout(self, events, remembered):
        assert found(*events, kustomizations=remembered) == ()

    def test_is_not_a_run_that_changes_nothing(self):
        again = event("Kustomization", "Reconciliation finished", 5, revision="main@sha1:a")
        assert found(again, again) == ()

    def test_is_not_what_others_say(self):
        assert found(event("Pod", "the disk has drifted from the desired state")) == ()

    def test_is_forgotten_after_a_while(self):
        late = event("HelmRelease", "x has drifted from the desired state", minutes=90)
        assert found(late) == ()


def report(**more):
    return DriftReport(stack="prod", at=NOW, **more)


CHANGED = Step(
    operation="update",
    kind="DestinationRule",
    name="brisa/web",
    urn="x",
    differences=(Difference(path="spec.x", old="7", new="100"),),
)
HEALED = FluxDrift(kind="Kustomization", name="flux-system/apps", what="was put back", healed=True)
OPEN = FluxDrift(kind="Kustomization", name="flux-system/apps", what="is suspended")


class TestTheReport:
    def test_has_found_nothing_when_nothing_has_drifted(self):
        assert report().well
        assert report(flux=(HEALED,), pending=3).well

    def test_has_found_something_of_either_owner(self):
        assert not report(pulumi=(CHANGED,)).well
        assert not report(flux=(OPEN,)).well

    def test_says_in_a_line_what_was_found(self):
        assert summary(report()) == "no drift"
        assert summary(report(flux=(HEALED,))) == "no drift; 1 healed by Flux"
        assert summary(report(pulumi=(CHANGED,), flux=(OPEN,))) == (
            "drift in 1 objects of the stack and 1 objects of Flux"
        )


class TestTheIssue:
    def test_says_who_owns_what_and_what_the_next_up_takes_back(self):
        text = body(report(pulumi=(CHANGED,), flux=(OPEN, HEALED)), run_url="https://x/1")
        assert "| `DestinationRule` | `brisa/web` | was changed | `spec.x` |" in text
        assert "#### Flux: not as Git says" in text
        assert "#### Flux: put right already" in text
        assert "-   7\n+   100" in text
        assert "[The run](https://x/1)" in text

    def test_says_that_something_was_deleted(self):
        gone = CHANGED.model_copy(update={"operation": "create"})
        assert "was deleted" in body(report(pulumi=(gone,)))

    def test_says_when_it_is_over(self):
        assert "The drift is gone." in body(report())

    def test_leaves_out_what_is_no_drift_and_says_so(self):
        assert "3 changes are declared and not deployed yet" in body(report(pending=3))

    def test_fits_whatever_was_found(self):
        text = body(report(pulumi=(CHANGED,) * 3_000, flux=(OPEN,) * 3_000))
        assert len(text.encode()) < 60_000
        assert "of 3000 objects are not shown" in text
