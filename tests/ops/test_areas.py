"""What the status says of the release."""

import pytest

from ops.areas import AREAS, Sources
from tests.ops.conftest import made
from vocabulary.labels import OVERRIDDEN, PROMOTED_BY


class Holding:
    """A cluster that holds one record, or none."""

    def __init__(self, record=None):
        self.record = record

    def one(self, *_):
        return self.record


def said(record):
    found = AREAS["release"](Sources(Holding(record)))
    return found.state, found.summary


@pytest.mark.parametrize(
    "gate, notes, says",
    [
        ("on", {}, "no verdict is recorded"),
        ("off", {}, "promotion: off"),
        ("on", {PROMOTED_BY: "staging at 2026"}, "by the verdict of staging at 2026"),
        ("on", {OVERRIDDEN: "it burns (ada)"}, "without a verdict: it burns (ada)"),
    ],
)
def test_what_let_a_release_in_is_said(gate, notes, says):
    data = {"environment": "production", "gate": gate}
    record = made("ConfigMap", "release", metadata={"annotations": notes}, data=data)
    state, summary = said(record)
    assert (state, says in summary) == ("well", True)
    assert summary.startswith("production: ")


def test_a_cluster_without_the_platform_has_none():
    assert said(None) == ("off", "no release is recorded")
