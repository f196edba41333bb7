"""What an environment says of its release: what was seen, and `none` where nobody has judged."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from ops.alerts import Alertmanager, FiringAlert, Watched
from ops.areas import Sources
from ops.chaos.report import report_on
from ops.delivery.verdict.chaos import from_report, from_workflows, grade
from ops.delivery.verdict.collect import collect
from ops.errors import ClusterError, UsageError
from tests.ops.chaos.report.test_verdict import run
from tests.ops.delivery.objects import (
    DeadCluster,
    HeldCluster,
    event,
    kustomization,
    node,
    record,
    source,
    workflow,
)
from tests.vocabulary.promotion.signed import COMMIT, NOW, TREE
from vocabulary.labels import CHAOS_ABORT
from vocabulary.promotion.release import Release

STAGING = Release(environment="staging", commit=COMMIT, tree=TREE)
WELL = (record(STAGING.data), source(), kustomization())
RELEASED = datetime(2026, 11, 20, tzinfo=UTC)


class Silent(Alertmanager):
    """Knows these alerts, neither silenced nor inhibited."""

    def __init__(self, *names):
        self.names = names

    def firing(self):
        return [
            FiringAlert(name=name, severity="critical", labels={}, since=None)
            for name in self.names
        ]


@pytest.fixture
def watched(monkeypatch):
    """Prometheus watches this."""

    def says(rules, *firing):
        found = Watched(rules, frozenset(firing))
        monkeypatch.setattr("ops.delivery.verdict.collect.critical", lambda _: found)

    return says


def verdict(*objects, prometheus=None, alertmanager=None, **documents):
    sources = Sources(HeldCluster(*objects), prometheus, alertmanager)
    return collect(sources, now=NOW, valid=timedelta(hours=6), **documents)


class TestAVerdict:
    def test_is_about_what_the_cluster_says_that_it_runs(self):
        given = verdict(*WELL)
        assert (given.environment, given.commit, given.tree) == ("staging", COMMIT, TREE)

    def test_counts_for_as_long_as_it_is_told(self):
        assert verdict(*WELL).expires == NOW + timedelta(hours=6)

    def test_does_not_guess_what_nobody_has_judged(self):
        checks = verdict(record(STAGING.data)).checks
        assert {name: each.result for name, each in checks.items()} == dict.fromkeys(
            ("flux", "chaos", "detector", "alerts"), "none"
        )
        assert checks["flux"].reason == "Flux is not installed"
        assert "not graded" in checks["detector"].reason
        assert checks["alerts"].reason == "no Prometheus was given"

    @pytest.mark.parametrize("data", [{"commit": "x"}, {**STAGING.data, "tree": "x"}])
    def test_is_not_given_about_a_record_that_cannot_be_read(self, data):
        with pytest.raises(ClusterError, match="the record cannot be read"):
            verdict(record(data))

    def test_is_not_given_without_a_record(self):
        with pytest.raises(ClusterError, match="has no record of a release"):
            verdict(*WELL[1:])

    @pytest.mark.parametrize("unknown", ["commit", "tree"])
    def test_is_not_given_about_a_commit_that_nobody_knows(self, unknown):
        with pytest.raises(ClusterError, match="whose commit nobody knows"):
            verdict(record({**STAGING.data, unknown: "unknown"}))

    def test_is_not_given_when_the_cluster_does_not_answer(self):
        with pytest.raises(ClusterError, match="connection refused"):
            collect(Sources(DeadCluster()), now=NOW, valid=timedelta(hours=1))


class TestFlux:
    def test_has_passed_when_everything_is_applied(self):
        given = verdict(*WELL).checks["flux"]
        assert given.result == "passed"
        assert given.revisions == {"flux-system/apps": "develop@sha1:8f3c1d0e"}

    @pytest.mark.parametrize(
        "item, says",
        [
            (kustomization(spec={"suspend": True}), "apps is suspended"),
            (kustomization(lastAppliedRevision="develop@sha1:old"), "is not applied yet"),
            (kustomization(conditions=[]), "never reconciled"),
        ],
    )
    def test_has_failed_when_something_is_not_applied(self, item, says):
        given = verdict(*WELL[:2], item).checks["flux"]
        assert (given.result, says in given.reason) == ("failed", True)


class TestAlerts:
    def result(self, *known):
        given = verdict(*WELL, prometheus=object(), alertmanager=Silent(*known) if known else None)
        return given.checks["alerts"]

    def test_have_passed_when_none_fires(self, watched):
        watched(12)
        assert (self.result().result, self.result().reason) == (
            "passed", "none of 12 critical alerts fires",
        )  # fmt: skip

    def test_have_failed_when_one_fires(self, watched):
        watched(12, "GatewayDown")
        assert self.result().result == "failed"
        assert "no Alertmanager was asked about silences" in self.result().reason

    def test_that_are_silenced_are_named_and_do_not_count(self, watched):
        watched(12, "GatewayDown", "DiskFull")
        given = self.result("SomethingElse")
        assert given.result == "passed"
        assert "silenced or inhibited: DiskFull, GatewayDown" in given.reason

    def test_that_are_not_silenced_count_beside_those_that_are(self, watched):
        watched(12, "GatewayDown", "DiskFull")
        given = self.result("GatewayDown")
        assert given.result == "failed"
        assert given.reason.startswith("GatewayDown of 12")

    def test_are_not_judged_where_none_is_defined(self, watched):
        watched(0)
        assert self.result().result == "none"


class TestTheLastExperiment:
    ABORT = {CHAOS_ABORT: "true"}

    @staticmethod
    def told(*workflows, nodes=(), events=()):
        return from_workflows(workflows, nodes, events, RELEASED)

    def test_has_passed_when_nothing_aborted_it(self):
        ended = workflow("a", "2026-11-22T05:00:00Z")
        given = self.told(ended, nodes=[node("a")], events=[event("a")])
        assert given.result == "passed"
        assert "brisa-staging/a" in given.reason

    def test_is_the_one_that_ended_last(self):
        older = workflow("a", "2026-11-21T05:00:00Z", **self.ABORT)
        newer = workflow("b", "2026-11-22T05:00:00Z")
        given = self.told(
            newer, older, nodes=[node("a"), node("b")], events=[event("a"), event("b")]
        )
        assert (given.result, "brisa-staging/b" in given.reason) == ("passed", True)

    def test_has_failed_when_a_check_aborted_it(self):
        aborted = workflow("a", "2026-11-22T05:00:00Z", **self.ABORT)
        given = self.told(aborted, nodes=[node("a")], events=[event("a")])
        assert (given.result, "aborted" in given.reason) == ("failed", True)

    def test_has_failed_when_it_was_not_accomplished(self):
        cut = workflow("a", "2026-11-22T05:00:00Z", accomplished="False")
        assert self.told(cut, nodes=[node("a")], events=[event("a")]).result == "failed"

    @pytest.mark.parametrize(
        "nodes, events",
        [
            ([], []),
            ([node("other")], [event("other")]),
            ([node("a", kind="StatusCheck")], []),
            ([node("a")], [event("a", "Started"), event("a", "Failed")]),
            ([node("a")], [event("a", at="2026-11-19T05:00:00Z")]),
            ([node("a")], [event("a", kind="StressChaos")]),
        ],
        ids=[
            *("nothing", "of another", "only a check", "hit nobody", "before the release"),
            "another kind",
        ],
    )
    @pytest.mark.parametrize("annotations", [{}, ABORT], ids=["accomplished", "aborted"])
    def test_is_none_when_it_injected_nothing_since_the_release(self, nodes, events, annotations):
        ended = workflow("a", "2026-11-22T05:00:00Z", **annotations)
        assert self.told(ended, nodes=nodes, events=events).result == "none"

    def test_is_none_when_nobody_can_tell_any_more(self):
        given = self.told(workflow("a", "2026-11-22T05:00:00Z"), nodes=[node("a")])
        assert (given.result, "--chaos-report" in given.reason) == ("none", True)

    def test_is_not_one_that_injected_nothing_beside_one_that_did(self):
        empty = workflow("b", "2026-11-23T05:00:00Z", **self.ABORT)
        real = workflow("a", "2026-11-22T05:00:00Z")
        given = self.told(empty, real, nodes=[node("a")], events=[event("a")])
        assert given.result == "passed"

    def test_is_none_while_the_first_one_runs(self):
        running = self.told(workflow("a", None), nodes=[node("a")], events=[event("a")])
        assert running.result == "none"
        assert self.told().result == "none"


INJECTED = datetime(2026, 11, 22, 4, 59, tzinfo=UTC)
RUN = run(namespace="brisa", name="x-1", schedule="x", start=INJECTED, end=INJECTED)
REPORT = report_on(RUN, None)[0].model_dump(mode="json")
HELD = {"result": "held", "reasons": ["p95 stayed below 300 ms"]}
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
        report = file(REPORT | {"verdict": {"result": said, "reasons": ["because"]}})
        given = from_report(report, RELEASED)
        assert (given.result, given.reason) == (result, "brisa/x-1: because")

    def test_of_an_experiment_before_the_release_say_nothing(self, file):
        given = from_report(file(REPORT | {"verdict": HELD}), datetime(2026, 11, 23, tzinfo=UTC))
        assert (given.result, "before the release" in given.reason) == ("none", True)

    def test_of_an_experiment_go_before_the_workflows(self, file):
        failed = workflow("a", "2026-11-23T05:00:00Z", **{CHAOS_ABORT: "true"})
        given = verdict(*WELL, failed, node("a"), chaos_report=file(REPORT | {"verdict": HELD}))
        assert given.checks["chaos"].result == "passed"

    def test_of_the_detector_say_its_grade(self, file):
        assert grade(file(GRADE)).score == 0.81
        assert verdict(*WELL, grade=file(GRADE)).checks["detector"].score == 0.81

    def test_of_a_detector_that_found_nothing_say_none(self, file):
        ungraded = grade(file(GRADE | {"overall": {"f1": None}}))
        assert (ungraded.result, ungraded.score) == ("none", None)

    @pytest.mark.parametrize("read", [lambda path: from_report(path, RELEASED), grade])
    @pytest.mark.parametrize(
        "content",
        ["", "[]", "{}", "null", {"document": "status/1"}, {"kind": "grade", "version": 2},
         REPORT | {"verdict": {"result": "well", "reasons": []}}, REPORT | {"run": None},
         GRADE | {"overall": {"f1": 7}}, GRADE | {"overall": None}],
    )  # fmt: skip
    def test_of_another_form_are_refused(self, file, read, content):
        with pytest.raises(UsageError):
            read(file(content))

    @pytest.mark.parametrize("read", [lambda path: from_report(path, RELEASED), grade])
    def test_that_are_not_there_are_refused(self, tmp_path, read):
        with pytest.raises(UsageError, match="cannot be read"):
            read(tmp_path / "nothing.json")
