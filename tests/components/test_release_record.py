"""What a stack records of its release, and when an `up` is refused."""

from datetime import UTC, datetime, timedelta

import pulumi
import pytest

from components.release_record import ReleaseRecord, ReleaseRecordArgs
from tests.vocabulary.promotion.signed import (
    COMMIT,
    KEY,
    OTHER_COMMIT,
    RELEASE,
    TERMS,
    TREE,
    forged,
    override,
    paper,
    released_by,
)
from vocabulary.kinds import CONFIG_MAP
from vocabulary.labels import OVERRIDDEN, PROMOTED_BY
from vocabulary.promotion.checkout import FOLDER_VARIABLE, VERDICT
from vocabulary.promotion.gate import Papers
from vocabulary.promotion.seal import key_id

NOW = datetime.now(UTC)
FRESH = paper(at=NOW, expires=NOW + timedelta(hours=1))
WAIVER = override(at=NOW, until=NOW + timedelta(hours=1))


@pytest.fixture
def recorded(deploy):
    """The record that a stack registers, with what it exports."""

    def run(papers=None, *, terms=TERMS, release=RELEASE, preview=False):
        args = ReleaseRecordArgs(release, terms, papers or Papers())
        graph = deploy(lambda: ReleaseRecord("release", args), preview=preview)
        return graph.one(CONFIG_MAP), graph.one("brisa:release_record:ReleaseRecord").outputs

    return run


class TestRecord:
    def test_says_what_the_stack_runs(self, recorded):
        record, _ = recorded(terms=None)
        assert record.where == ("brisa-platform", "release")
        assert record.metadata["labels"]["platform.brisa/record"] == "release"
        assert record.inputs["data"]["environment"] == "production"
        assert record.inputs["data"]["commit"] == COMMIT
        assert record.inputs["data"]["tree"] == TREE

    def test_holds_the_verdict_that_let_it_in(self, recorded):
        record, outputs = recorded(Papers(verdict=FRESH))
        assert record.inputs["data"]["verdict"] == FRESH
        noted = record.metadata["annotations"][PROMOTED_BY]
        assert OTHER_COMMIT in noted  # of which the squashed one has the content
        assert key_id(KEY) in noted
        assert outputs["record"]["verdict"]["tree"] == TREE

    def test_holds_no_override_beside_a_good_verdict(self, recorded):
        record, outputs = recorded(Papers(verdict=FRESH, override=WAIVER))
        assert record.inputs["data"]["override"] == ""
        assert OVERRIDDEN not in record.metadata["annotations"]
        assert outputs["record"]["override"] is None

    def test_holds_no_forged_verdict_beside_an_override(self, recorded):
        record, outputs = recorded(Papers(verdict=forged({"at": str(NOW)}), override=WAIVER))
        assert record.inputs["data"]["verdict"] == ""
        assert PROMOTED_BY not in record.metadata["annotations"]
        assert outputs["record"]["verdict"] is None

    def test_says_that_the_stack_file_asks_for_no_papers(self, recorded):
        record, outputs = recorded(terms=None, release=released_by("production", gated=False))
        assert record.inputs["data"]["gate"] == "off"
        assert outputs["record"]["gate"] == "off"

    def test_holds_the_override_that_let_it_in(self, recorded):
        record, outputs = recorded(Papers(override=WAIVER))
        assert record.inputs["data"]["override"] == WAIVER
        noted = record.metadata["annotations"][OVERRIDDEN]
        assert "the certificate of the gateway expires tonight (ada@example.org" in noted
        assert outputs["record"]["override"]["by"] == "ada@example.org"

    def test_holds_no_papers_where_nobody_asks_for_them(self, recorded):
        record, outputs = recorded(Papers(verdict=FRESH, override=WAIVER), terms=None)
        assert record.inputs["data"]["verdict"] == ""
        assert record.inputs["data"]["override"] == ""
        assert "annotations" not in record.metadata
        assert outputs["record"]["verdict"] is None

    def test_comes_after_its_namespace(self, deploy):
        args = ReleaseRecordArgs(RELEASE, None, Papers())
        graph = deploy(lambda: ReleaseRecord("release", args))
        assert graph.waits(graph.one(CONFIG_MAP), graph.one("kubernetes:core/v1:Namespace"))


class TestAnUpWithoutThePolicyPack:
    @pytest.mark.parametrize(
        "papers, says",
        [
            (Papers(), "there is no verdict of staging"),
            (Papers(verdict=paper(at=NOW, expires=NOW)), "counted until"),
            (Papers(override=override(until=NOW)), "the override counted until"),
        ],
        ids=["without papers", "with a stale verdict", "with a stale override"],
    )
    def test_is_refused(self, recorded, papers, says):
        with pytest.raises(pulumi.RunError, match=says):
            recorded(papers)

    @pytest.mark.parametrize("papers", [Papers(verdict=FRESH), Papers(override=WAIVER)])
    def test_goes_on_with_papers(self, recorded, papers):
        assert recorded(papers)

    def test_needs_none_elsewhere(self, recorded):
        assert recorded(terms=None, release=RELEASE.model_copy(update={"environment": "staging"}))


def test_a_preview_shows_everything_and_leaves_refusing_to_the_policy(recorded):
    record, _ = recorded(preview=True)
    assert record.inputs["data"]["verdict"] == ""


def test_papers_that_cannot_be_read_are_told_in_a_line(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / VERDICT).write_bytes(b"\xff")
    with pytest.raises(pulumi.RunError, match=r"verdict\.json cannot be read"):
        ReleaseRecordArgs(RELEASE, TERMS)
