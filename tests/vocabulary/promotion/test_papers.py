"""The form of the papers."""

import pytest
from pydantic import ValidationError

from tests.vocabulary.promotion.signed import NOW, TREE
from vocabulary.promotion.papers import Override


def override(by):
    return Override(tree=TREE, reason="the gateway is down", by=by, at=NOW, until=NOW)


@pytest.mark.parametrize("by", ["ada@example.org", "ada", "Ada-L", "a.b+c@mail.example.org"])
def test_an_override_names_a_person(by):
    assert override(by).by == by


@pytest.mark.parametrize(
    "by",
    ["", " ", "x", "root", "Runner", "github-actions[bot]", "dependabot[bot]", "admin@example.org",
     "renovate", "deploy-bot", "svc-deploy", "no-reply@example.org",
     "somebody of the team", "a" * 101],
)  # fmt: skip
def test_an_override_by_nobody_is_refused(by):
    with pytest.raises(ValidationError):
        override(by)
