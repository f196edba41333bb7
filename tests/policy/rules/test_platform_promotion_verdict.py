"""Every way in which somebody might come past the gate, each tried on its own."""

from datetime import timedelta

import pytest

from policy.rules.platform_promotion_verdict import RULE, Config
from promotion.seal import public_line, sealed
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE
from tests.promotion.signed import (
    GIVEN,
    IMAGE,
    NOW,
    OTHER_COMMIT,
    OTHER_HASH,
    OTHER_KEY,
    TRUSTED,
    forged,
    in_the_name_of_a_trusted_key,
    override,
    paper,
    promoted,
    verdict,
)

VERDICT, OVERRIDE, PREVIOUS = "data.verdict", "data.override", "data.previous"
UNSIGNED = f'{{"verdict": {verdict().model_dump_json(by_alias=True)}}}'
FIRING = {"alerts": {"watched": 12, "firing": ["GatewayDown"]}}
BROKEN = {"flux": {"ready": False, "problems": ["flux-system/brisa is not ready"]}}


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
        "an override for what was changed beside the commit": case(
            {"data.commit": f"{verdict().commit}-dirty", VERDICT: "", OVERRIDE: override()}
        ),
        "another environment that asks for none": case(
            {"data.environment": "staging", VERDICT: GONE}, config={"environment": "staging"}
        ),
        "no experiment has been judged": case({VERDICT: paper(chaos={"result": "none"})}),
        "another ConfigMap": case({"metadata.labels": GONE, VERDICT: GONE}),
        "a clock that is a little ahead": case({VERDICT: paper(at=NOW + timedelta(minutes=4))}),
    }
    bad = {
        "missing": case({VERDICT: GONE}, VERDICT, says="there is no verdict of staging"),
        "empty": shown("", "there is no verdict of staging"),
        "unsigned": shown(UNSIGNED, "is not signed"),
        "no JSON": shown("verdict", "is no JSON object"),
        "of another form": shown(forged({"version": 2}), "changed after it was signed"),
        "signed by a key that is not trusted": shown(
            sealed(verdict(), OTHER_KEY), "which is not trusted"
        ),
        "signed by another key in a trusted key's name": shown(
            in_the_name_of_a_trusted_key(sealed(verdict(), OTHER_KEY)), "changed after"
        ),
        "no key is trusted": case(
            {}, VERDICT, says="no key is trusted", config={"trustedKeys": []}
        ),
        "the commit was changed": shown(forged({"commit": OTHER_COMMIT}), "changed after"),
        "the alerts were changed": shown(
            forged({"alerts": {"watched": 12, "firing": ["x"]}}), "changed after"
        ),
        "the end was changed": shown(forged({"expires": "2027-01-01T00:00:00Z"}), "changed after"),
        "expired": shown(paper(expires=NOW), "counted until 2026-11-23T12:00:00Z"),
        "older than verdicts may be": shown(
            paper(at=NOW - timedelta(days=2), expires=NOW + timedelta(days=9)), "counted until"
        ),
        "future-dated": shown(
            paper(at=NOW + timedelta(hours=1), expires=NOW + timedelta(hours=9)), "yet to come"
        ),
        "of another commit": shown(paper(commit=OTHER_COMMIT), f"about commit {OTHER_COMMIT}"),
        "another commit is released": case(
            {"data.commit": OTHER_COMMIT}, VERDICT, says=f"this is {OTHER_COMMIT}"
        ),
        "a commit with changes": case(
            {"data.commit": f"{verdict().commit}-dirty"}, VERDICT, says="clean checkout"
        ),
        "a commit that Git does not know": case(
            {"data.commit": "unknown"}, VERDICT, says="clean checkout"
        ),
        "staging's own uncommitted changes": shown(
            paper(commit=f"{verdict().commit}-dirty"), "the verdict is about commit"
        ),
        "of another configuration": shown(
            paper(configuration={"mesh": OTHER_HASH}), "the configuration of mesh is not the one"
        ),
        "of a configuration that leaves an area out": shown(
            paper(configuration={}), "the configuration of mesh is not the one"
        ),
        "an area left out of the record": case(
            {"data.configuration": "{}"}, VERDICT, says="the configuration of mesh"
        ),
        "of another image": shown(paper(images={IMAGE: OTHER_HASH}), f"staging runs {OTHER_HASH}"),
        "of no such image": shown(paper(images={}), "staging runs no such image"),
        "of another environment": shown(paper(environment="sandbox"), "is about sandbox"),
        "of production itself": shown(paper(environment="production"), "is about production"),
        "Flux was not ready": shown(paper(**BROKEN), "flux-system/brisa is not ready"),
        "the last experiment failed": shown(
            paper(chaos={"result": "failed", "run": "brisa-staging/x", "reason": "aborted"}),
            "the last experiment in staging failed: brisa-staging/x aborted",
        ),
        "no experiment was judged, and one must be": shown(
            paper(chaos={"result": "none"}),
            "no experiment has been judged",
            config={"require": ["chaos"]},
        ),
        "the detector has no grade, and must have one": shown(
            paper(), "has no grade", config={"require": ["detector"]}
        ),
        "the detector's grade is too low": shown(
            paper(detector={"grade": 0.4}), "0.4, below 0.5", config={"lowestGrade": 0.5}
        ),
        "critical alerts were firing": shown(
            paper(**FIRING), "were firing in staging: GatewayDown"
        ),
        "no critical alert is defined": shown(
            paper(alerts={"watched": 0}), "that none fires says nothing"
        ),
        "replayed": case(
            {PREVIOUS: promoted(GIVEN + timedelta(seconds=1))},
            VERDICT,
            says="is older than the one",
        ),
        "with a history that cannot be read": case(
            {PREVIOUS: "{}"}, VERDICT, says="the promoted cannot be read"
        ),
        "an override without a reason": case(
            {VERDICT: "", OVERRIDE: override(reason=" " * 20)},
            OVERRIDE,
            says="gives no reason",
        ),
        "an override that has ended": case(
            {VERDICT: "", OVERRIDE: override(until=NOW)}, OVERRIDE, says="counted until"
        ),
        "an override without an end": case(
            {VERDICT: "", OVERRIDE: override(until=NOW + timedelta(days=30))},
            OVERRIDE,
            says="24h0m0s is the longest",
        ),
        "an override for another commit": case(
            {VERDICT: "", OVERRIDE: override(commit=OTHER_COMMIT)}, OVERRIDE, says="is for commit"
        ),
        "an override of another form": case(
            {VERDICT: "", OVERRIDE: "yes"}, OVERRIDE, says="the override cannot be read"
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
