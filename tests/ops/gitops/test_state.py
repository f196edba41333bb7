"""How one Flux object stands."""

import json
from datetime import timedelta

import pytest

from ops.gitops.state import PATIENCE, read
from tests.ops.conftest import NOW, made, ready
from vocabulary.labels import SUSPENSION

LONG_AGO = PATIENCE + timedelta(minutes=1)


def kustomization(*conditions, **parts):
    status = {"conditions": list(conditions), "lastAppliedRevision": "main@sha1:1"}
    return made("Kustomization", status=status, **parts)


def state(item, **options):
    return read(item, NOW, **options).state


class TestState:
    def test_is_ready_when_the_newest_generation_is(self):
        assert state(kustomization(ready())) == "ready"

    def test_is_under_way_while_its_newest_change_has_not_been_seen(self):
        item = kustomization(ready(generation=1), metadata={"generation": 2})
        assert state(item) == "progressing"

    def test_is_under_way_while_its_source_has_something_newer(self):
        found = read(kustomization(ready()), NOW, available="main@sha1:2")
        assert (found.state, found.message) == ("progressing", "main@sha1:2 is not applied yet")

    def test_has_failed_when_it_is_not_ready(self):
        found = read(kustomization(ready("False", "HealthCheckFailed", "web is down")), NOW)
        assert (found.state, found.reason, found.message) == (
            "failed", "HealthCheckFailed", "web is down",
        )  # fmt: skip

    def test_has_failed_when_it_is_stalled(self):
        assert state(kustomization(ready(), {"type": "Stalled", "status": "True"})) == "failed"

    @pytest.mark.parametrize("minutes, expected", [(1, "progressing"), (25, "failed")])
    def test_may_be_under_way_for_a_while_only(self, minutes, expected):
        assert state(kustomization(ready("Unknown", "Progressing", age=minutes))) == expected

    @pytest.mark.parametrize(
        "timeout, minutes, expected",
        [
            ("30m", 25, "progressing"),
            ("30m", 32, "failed"),
            ("1m", 9, "progressing"),
            ("1m", 11, "failed"),
            ("soon", 9, "progressing"),
        ],
    )
    def test_may_be_under_way_for_as_long_as_its_own_timeout(self, timeout, minutes, expected):
        item = kustomization(
            ready("Unknown", "Progressing", age=minutes), spec={"timeout": timeout}
        )
        assert state(item) == expected

    @pytest.mark.parametrize("minutes, expected", [(1, "progressing"), (25, "failed")])
    def test_may_wait_for_a_dependency_for_a_while(self, minutes, expected):
        waits = ready("False", "DependencyNotReady", "infra is not ready", age=minutes)
        assert state(kustomization(waits)) == expected

    @pytest.mark.parametrize("age, expected", [(PATIENCE / 2, "progressing"), (LONG_AGO, "failed")])
    def test_must_have_been_reconciled_at_all(self, age, expected):
        found = read(made("Kustomization", age=age), NOW)
        assert found.state == expected
        assert "never reconciled" in found.message

    @pytest.mark.parametrize(
        "kind, spec", [("Alert", {}), ("Provider", {}), ("HelmRepository", {"type": "oci"})]
    )
    def test_is_static_where_nothing_reconciles_the_kind(self, kind, spec):
        assert state(made(kind, age=LONG_AGO, spec=spec)) == "static"


@pytest.mark.parametrize(
    "revision, short",
    [
        ("main@sha1:4f2c1d9a0b8e7c6d5f4e3d2c1b0a99887766554433", "main@sha1:4f2c1d9"),
        ("1.2.3@sha256:4f2c1d9a0b8e7c6d", "1.2.3@sha256:4f2c1d9"),
        ("main@sha1:abc", "main@sha1:abc"),
        ("6.5.4", "6.5.4"),
    ],
)
def test_people_are_shown_as_much_of_a_hash_as_they_read(revision, short):
    item = made("Kustomization", status={"lastAppliedRevision": revision})
    assert read(item, NOW).short_revision == short


class TestSuspension:
    def suspended(self, record=None, **metadata):
        notes = {SUSPENSION: record} if record else {}
        return read(
            made(
                "Kustomization", spec={"suspend": True}, metadata={"annotations": notes, **metadata}
            ),
            NOW,
        )

    def test_says_who_until_when_and_why(self):
        record = {"by": "ann", "at": "2026-11-24T11:00:00Z", "until": "2026-11-24T13:00:00Z",
                  "reason": "incident"}  # fmt: skip
        found = self.suspended(json.dumps(record))
        assert (found.state, found.overdue) == ("suspended", False)
        assert (found.suspension.by, found.suspension.reason) == ("ann", "incident")

    def test_is_overdue_when_its_time_is_up(self):
        record = {"by": "ann", "at": "2026-11-24T09:00:00Z", "until": "2026-11-24T12:00:00Z",
                  "reason": "incident"}  # fmt: skip
        assert self.suspended(json.dumps(record)).overdue

    def test_never_ends_by_itself_without_a_time(self):
        record = {"by": "ann", "at": "2020-01-01T00:00:00Z", "reason": "incident"}
        assert not self.suspended(json.dumps(record)).overdue

    @pytest.mark.parametrize("text", ["", "yes", "{}", '{"by": 1}', '{"by":"a","at":"b"}', "[]"])
    def test_of_others_is_no_record(self, text):
        found = self.suspended(text)
        assert (found.state, found.suspension) == ("suspended", None)

    def test_of_others_is_dated_by_who_wrote_the_field(self):
        entry = {
            "manager": "flux",
            "time": "2026-11-20T08:00:00Z",
            "fieldsV1": {"f:spec": {"f:suspend": {}}},
        }
        found = self.suspended(managedFields=[entry])
        assert found.suspended_since.isoformat() == "2026-11-20T08:00:00+00:00"
