"""Every way in which somebody might come past the gate, each tried on its own."""

from datetime import timedelta

import pytest

from policy.rules.platform_promotion_verdict import RULE, Config
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE
from tests.vocabulary.promotion.signed import (
    COMMIT,
    GIVEN,
    NOW,
    OTHER_KEY,
    OTHER_TREE,
    TRUSTED,
    checked,
    forged,
    in_the_name_of_a_trusted_key,
    override,
    paper,
    promoted,
    verdict,
)
from vocabulary.promotion.seal import public_line, sealed

VERDICT, OVERRIDE, PREVIOUS = "data.verdict", "data.override", "data.previous"
UNSIGNED = f'{{"verdict": {verdict().model_dump_json(by_alias=True)}}}'
LEFT_OUT = {"checks": {}}


def waived(text, says, **rest):
    """A case in which this override is shown, and no verdict."""
    return case({VERDICT: "", OVERRIDE: text}, OVERRIDE, says=says, **rest)


def shown(text, says, **rest):
    """A case in which this verdict is shown."""
    return case({VERDICT: text}, VERDICT, says=says, **rest)


class TestPromotionVerdict(RuleContract):
    rule = RULE
    config = {"trustedKeys": [TRUSTED]}
    good = {
        "shown again": case({PREVIOUS: promoted(GIVEN)}),
        "newer than the last one": case({PREVIOUS: promoted(GIVEN - timedelta(days=2))}),
        "beside another trusted key": case(
            config={"trustedKeys": [public_line(OTHER_KEY), TRUSTED]}
        ),
        "an override in place of a verdict": case({VERDICT: "", OVERRIDE: override()}),
        "an override of a verdict that has expired": case(
            {VERDICT: paper(expires=NOW), OVERRIDE: override()}
        ),
        "an expired override beside a good verdict": case({OVERRIDE: override(until=NOW)}),
        "a commit that was squashed, rebased or merged since": case(
            {VERDICT: paper(commit="1" * 40)}
        ),
        "a stack file that says promotion: off": case({"data.gate": "off", VERDICT: GONE}),
        "another environment that asks for none": case(
            {"data.environment": "staging", VERDICT: GONE}, config={"environment": "staging"}
        ),
        "nothing was asked for": case({VERDICT: paper(**LEFT_OUT)}),
        "no experiment has been judged": case({VERDICT: paper(**checked("chaos", result="none"))}),
        "another ConfigMap": case({"metadata.labels": GONE, VERDICT: GONE}),
        "a clock that is a little ahead": case({VERDICT: paper(at=NOW + timedelta(minutes=4))}),
    }
    bad = {
        "missing": case({VERDICT: GONE}, VERDICT, says="there is no verdict of staging"),
        "empty": shown("", "there is no verdict of staging"),
        "unsigned": shown(UNSIGNED, "is not signed"),
        "no JSON": shown("verdict", "is no JSON object"),
        "of another form": shown(forged({"version": 1}), "changed after it was signed"),
        "signed by a key that is not trusted": shown(
            sealed(verdict(), OTHER_KEY), "which is not trusted"
        ),
        "signed by another key in a trusted key's name": shown(
            in_the_name_of_a_trusted_key(sealed(verdict(), OTHER_KEY)), "changed after"
        ),
        "no key is trusted": case(
            {}, VERDICT, says="no key is trusted", config={"trustedKeys": []}
        ),
        "the commit was changed": shown(forged({"commit": COMMIT}), "changed after"),
        "the checks were changed": shown(forged(LEFT_OUT), "changed after"),
        "the content was changed": shown(forged({"tree": OTHER_TREE}), "changed after"),
        "the end was changed": shown(forged({"expires": "2027-01-01T00:00:00Z"}), "changed after"),
        "expired": shown(paper(expires=NOW), "counted until 2026-11-23T12:00:00Z"),
        "older than verdicts may be": shown(
            paper(at=NOW - timedelta(days=2), expires=NOW + timedelta(days=9)), "counted until"
        ),
        "future-dated": shown(
            paper(at=NOW + timedelta(hours=1), expires=NOW + timedelta(hours=9)), "yet to come"
        ),
        "of other content": shown(paper(tree=OTHER_TREE), "staging runs other content"),
        "other content is released": case(
            {"data.tree": OTHER_TREE}, VERDICT, says="and this checkout 2222"
        ),
        "a commit with changes": case(
            {"data.commit": f"{COMMIT}-dirty"}, VERDICT, says="changes that no commit has"
        ),
        "content that Git does not know": case(
            {"data.commit": "unknown", "data.tree": "unknown"}, VERDICT, says="not known to Git"
        ),
        "staging's own uncommitted changes": shown(
            paper(commit=f"{COMMIT}-dirty"), "what staging runs has changes"
        ),
        "of another environment": shown(paper(environment="sandbox"), "is about sandbox"),
        "of production itself": shown(paper(environment="production"), "is about production"),
        "Flux was not ready": shown(
            paper(**checked("flux", reason="apps is suspended")), "flux failed in staging: apps is"
        ),
        "the last experiment failed": shown(
            paper(**checked("chaos", reason="brisa-staging/x was aborted")),
            "chaos failed in staging: brisa-staging/x was aborted",
        ),
        "critical alerts were firing": shown(
            paper(**checked("alerts", reason="GatewayDown")), "alerts failed in staging: Gateway"
        ),
        "a check that is left out, and must be judged": shown(
            paper(**LEFT_OUT), "flux was not judged", config={"require": ["flux"]}
        ),
        "no experiment was judged, and one must be": shown(
            paper(**checked("chaos", result="none")),
            "chaos was not judged",
            config={"require": ["chaos"]},
        ),
        "the detector has no grade, and must have one": shown(
            paper(), "detector was not judged", config={"require": ["detector"]}
        ),
        "the detector's grade is too low": shown(
            paper(**checked("detector", result="passed", score=0.4)),
            "0.4, below 0.5",
            config={"lowestGrade": 0.5},
        ),
        "replayed": case(
            {PREVIOUS: promoted(GIVEN + timedelta(seconds=1))},
            VERDICT,
            says="is older than the one",
        ),
        "with a history that cannot be read": case(
            {PREVIOUS: "{}"}, VERDICT, says="the promoted cannot be read"
        ),
        "an override without a reason": waived(override(reason=" " * 20), "gives no reason"),
        "an override that has ended": waived(override(until=NOW), "counted until"),
        "an override without an end": waived(
            override(until=NOW + timedelta(days=30)), "24h0m0s is the longest"
        ),
        "an override from the future": waived(
            override(at=NOW + timedelta(hours=1)), "is yet to come"
        ),
        "an override for other content": waived(override(tree=OTHER_TREE), "is for the content"),
        "an override of another form": waived("yes", "the override cannot be read"),
        "an override by hand": waived(UNSIGNED.replace("verdict", "override"), "is not signed"),
        "an override by a key that is not trusted": waived(override(OTHER_KEY), "is not trusted"),
        "an override where no key is trusted": waived(
            override(), "is not trusted", config={"trustedKeys": []}
        ),
        "a verdict shown as an override": waived(
            paper().replace('"verdict": {', '"override": {'), "changed after it was signed"
        ),
        "an override for what was changed beside the commit": case(
            {"data.commit": f"{COMMIT}-dirty", VERDICT: "", OVERRIDE: override()},
            OVERRIDE,
            says="changes that no commit has",
        ),
        "a record without a commit": case({"data.commit": GONE}, "data", says="cannot be read"),
        "a record without an environment": case(
            {"data.environment": GONE}, "data", config={"environment": "staging"}
        ),
        "the record of production under staging's rules": case(
            {VERDICT: ""}, VERDICT, config={"environment": "staging"}
        ),
        "the record of staging under production's rules": case(
            {"data.environment": "staging", VERDICT: ""}, VERDICT
        ),
    }


def test_nothing_can_be_exempt():
    exempt = {"resource": "ConfigMap/brisa-platform/release", "until": "2099-01-01", "reason": "x"}
    with pytest.raises(ValueError, match="exempt"):
        Config.model_validate({"exempt": [exempt]})
