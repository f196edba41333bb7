"""What an environment says of its release: what was seen, and `none` where nobody has judged."""

import json
from datetime import timedelta

import pytest

from delivery.errors import ClusterError, UsageError
from delivery.prometheus import Prometheus
from delivery.verdict.chaos import ABORTED, from_report, from_workflows, grade
from delivery.verdict.collect import Sources, collect
from promotion.papers import Alerts
from promotion.release import Release
from tests.delivery.objects import (
    DeadCluster,
    HeldCluster,
    kustomization,
    record,
    source,
    workflow,
)
from tests.promotion.signed import COMMIT, HASH, NOW

STAGING = Release(
    environment="staging", commit=COMMIT, configuration={"mesh": HASH}, images={"brisa/api": HASH}
)
WELL = (record(STAGING.data), source(), kustomization())


class Calm(Prometheus):
    """Watches twelve alerts, none of which fires."""

    def alerts(self):
        return Alerts(watched=12)


def verdict(*objects, **files):
    sources = Sources(HeldCluster(objects=objects), Calm("http://x"), **files)
    return collect(sources, now=NOW, valid=timedelta(hours=6))


class TestAVerdict:
    def test_is_about_what_the_cluster_says_that_it_runs(self):
        given = verdict(*WELL)
        assert given.environment == "staging"
        assert given.commit == COMMIT
        assert given.configuration == {"mesh": HASH}
        assert given.images == {"brisa/api": HASH}

    def test_counts_for_as_long_as_it_is_told(self):
        assert verdict(*WELL).expires == NOW + timedelta(hours=6)

    def test_says_that_flux_is_ready(self):
        given = verdict(*WELL)
        assert given.flux.ready
        assert given.flux.revisions == {"flux-system/apps": "develop@sha1:8f3c1d0e"}

    def test_says_what_flux_has_not_applied(self):
        given = verdict(*WELL[:2], kustomization(spec={"suspend": True}))
        assert not given.flux.ready
        assert "is suspended" in given.flux.problems[0]

    def test_says_that_flux_applies_nothing(self):
        assert "there is no Kustomization" in verdict(record(STAGING.data)).flux.problems[0]

    def test_does_not_guess_what_nobody_has_judged(self):
        given = verdict(*WELL)
        assert given.chaos.result == "none"
        assert given.detector.grade is None
        assert "not graded" in given.detector.reason

    def test_is_not_given_without_a_record(self):
        with pytest.raises(ClusterError, match="has no record of a release"):
            verdict(*WELL[1:])

    def test_is_not_given_about_a_record_that_cannot_be_read(self):
        with pytest.raises(ClusterError, match="the record cannot be read"):
            verdict(record({"commit": "x"}))

    def test_is_not_given_about_a_commit_that_nobody_knows(self):
        unknown = STAGING.model_copy(update={"commit": "unknown"})
        with pytest.raises(ClusterError, match="whose commit nobody knows"):
            verdict(record(unknown.data))

    def test_is_not_given_when_the_cluster_does_not_answer(self):
        with pytest.raises(ClusterError, match="connection refused"):
            collect(Sources(DeadCluster(), Calm("x")), now=NOW, valid=timedelta(hours=1))


class TestTheLastExperiment:
    def test_has_passed_when_nothing_aborted_it(self):
        given = from_workflows([workflow("a", "2026-11-22T05:00:00Z")])
        assert (given.result, given.run) == ("passed", "brisa-staging/a")

    def test_is_the_one_that_ended_last(self):
        older = workflow("a", "2026-11-21T05:00:00Z", **{ABORTED: "true"})
        given = from_workflows([workflow("b", "2026-11-22T05:00:00Z"), older])
        assert (given.result, given.run) == ("passed", "brisa-staging/b")

    def test_has_failed_when_a_check_aborted_it(self):
        given = from_workflows([workflow("a", "2026-11-22T05:00:00Z", **{ABORTED: "true"})])
        assert given.result == "failed"
        assert "aborted" in given.reason

    def test_has_failed_when_it_was_not_accomplished(self):
        given = from_workflows([workflow("a", "2026-11-22T05:00:00Z", accomplished="False")])
        assert given.result == "failed"

    def test_is_none_while_the_first_one_runs(self):
        assert from_workflows([workflow("a", None)]).result == "none"
        assert from_workflows([]).result == "none"


REPORT = {
    "document": "chaos-report/1",
    "run": {"namespace": "brisa", "name": "x-1", "schedule": "x", "end": "2026-11-22T05:00:00Z"},
    "verdict": {"result": "held", "reasons": ["p95 stayed below 300 ms"]},
}
GRADE = {"kind": "grade", "version": 1, "end": "2026-11-22", "overall": {"f1": 0.81}}


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "document.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


class TestDocuments:
    @pytest.mark.parametrize(
        "said, result", [("held", "passed"), ("refuted", "failed"), ("none", "none")]
    )
    def test_of_an_experiment_say_how_it_ended(self, file, said, result):
        given = from_report(file(REPORT | {"verdict": {"result": said, "reasons": ["because"]}}))
        assert (given.result, given.run, given.reason) == (result, "brisa/x-1", "because")

    def test_of_an_experiment_go_before_the_workflows(self, file):
        failed = workflow("a", "2026-11-23T05:00:00Z", **{ABORTED: "true"})
        assert verdict(*WELL, failed, chaos_report=file(REPORT)).chaos.result == "passed"

    def test_of_the_detector_say_its_grade(self, file):
        assert grade(file(GRADE)).grade == 0.81
        assert verdict(*WELL, grade=file(GRADE)).detector.grade == 0.81

    def test_of_a_detector_that_found_nothing_say_none(self, file):
        assert grade(file(GRADE | {"overall": {"f1": None}})).grade is None

    @pytest.mark.parametrize("read", [from_report, grade])
    @pytest.mark.parametrize(
        "content",
        ["", "[]", "{}", "null", {"document": "status/1"}, {"kind": "grade", "version": 2},
         REPORT | {"verdict": {"result": "well", "reasons": []}}, REPORT | {"run": None},
         GRADE | {"overall": {"f1": 7}}, GRADE | {"overall": None}],
    )  # fmt: skip
    def test_of_another_form_are_refused(self, file, read, content):
        with pytest.raises(UsageError):
            read(file(content))

    @pytest.mark.parametrize("read", [from_report, grade])
    def test_that_are_not_there_are_refused(self, tmp_path, read):
        with pytest.raises(UsageError, match="cannot be read"):
            read(tmp_path / "nothing.json")
