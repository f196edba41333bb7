from policy.rules.flux_ref_pinned import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

REF = "spec.ref"


class TestRefPinned(RuleContract):
    rule = RULE
    good = {
        "a reference by its full name": case({REF: {"name": "refs/heads/main"}}),
        "a tag": case({REF: {"tag": "v1.2.3"}}),
        "a bounded range": case({REF: {"semver": ">=1.2.0 <2.0.0"}}),
        "a digest": case({"kind": "OCIRepository", REF: {"digest": "sha256:0"}}),
        "the environment's branch": case(config={"branches": ["main"]}),
    }
    bad = {
        "none": case({REF: GONE}, REF, says="master"),
        "nothing in it": case({REF: {}}, REF),
        "none for an image": case({"kind": "OCIRepository", REF: GONE}, REF, says="latest"),
        "another environment's branch": case(
            {}, f"{REF}.branch", config={"branches": ["develop"]}, says="use develop"
        ),
        "any version": case({REF: {"semver": "*"}}, f"{REF}.semver"),
        "any later version": case({REF: {"semver": ">=0.0.0"}}, f"{REF}.semver"),
        "the latest": case({"kind": "OCIRepository", REF: {"tag": "latest"}}, f"{REF}.tag"),
        "any version from one on": case({REF: {"semver": ">= 1.2"}}, f"{REF}.semver"),
        "a pull request": case({REF: {"name": "refs/pull/7/head"}}, f"{REF}.name", says="anybody"),
    }
