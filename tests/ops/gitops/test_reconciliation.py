"""When a request to reconcile has really been dealt with."""

import pytest

from ops.errors import UnhealthyError
from ops.gitops.reconciliation import outcome
from tests.ops.conftest import made, ready
from vocabulary.labels import RECONCILE_REQUEST

TOKEN = "2026-11-24T12:00:00.000001+00:00"


def answered(*conditions, token=TOKEN, revision="main@sha1:1", generation=1, asked=TOKEN):
    return made(
        "Kustomization",
        metadata={"generation": generation, "annotations": {RECONCILE_REQUEST: asked}},
        status={
            "lastHandledReconcileAt": token,
            "lastAppliedRevision": revision,
            "conditions": list(conditions),
        },
    )


class TestOutcome:
    def test_nothing_is_missing_when_the_very_request_was_answered_well(self):
        assert outcome(answered(ready()), TOKEN) is None

    def test_an_older_answer_does_not_count_though_it_is_ready(self):
        assert "has not answered yet" in outcome(answered(ready(), token="before"), TOKEN)

    def test_an_answer_to_a_newer_request_counts(self):
        item = answered(ready(), token="later", asked="later")
        assert outcome(item, TOKEN) is None

    def test_readiness_of_an_older_generation_does_not_count(self):
        item = answered(ready(generation=1), generation=2)
        assert "newest change" in outcome(item, TOKEN)

    def test_a_failure_is_final(self):
        item = answered(ready("False", "BuildFailed", "no such file"))
        with pytest.raises(UnhealthyError, match="BuildFailed: no such file"):
            outcome(item, TOKEN)

    def test_a_failure_is_final_though_flux_will_try_again(self):
        item = answered(
            ready("False", "HealthCheckFailed", "timeout"),
            {"type": "Reconciling", "status": "True", "reason": "ProgressingWithRetry"},
        )
        with pytest.raises(UnhealthyError, match="HealthCheckFailed"):
            outcome(item, TOKEN)

    def test_a_failure_that_is_being_mended_is_not(self):
        item = answered(
            ready("False", "HealthCheckFailed", "old news"),
            {"type": "Reconciling", "status": "True", "reason": "Progressing"},
        )
        assert "HealthCheckFailed" in outcome(item, TOKEN)

    def test_waiting_for_a_dependency_is_no_failure(self):
        item = answered(
            ready("False", "DependencyNotReady", "dependency 'flux-system/infra' is not ready"),
            {"type": "Reconciling", "status": "True", "reason": "ProgressingWithRetry"},
        )
        assert "DependencyNotReady: dependency" in outcome(item, TOKEN)

    def test_stalled_is_final(self):
        item = answered(ready(), {"type": "Stalled", "status": "True"})
        with pytest.raises(UnhealthyError, match="stalled"):
            outcome(item, TOKEN)

    def test_the_revision_of_the_source_must_have_been_applied(self):
        assert "main@sha1:2 is not applied yet" in outcome(answered(ready()), TOKEN, "main@sha1:2")
