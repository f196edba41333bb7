from policy.resources import Stack
from policy.rules.platform_release_record import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE, NOW

LABEL = 'metadata.labels["platform.brisa/record"]'
ENVIRONMENT = "data.environment"
TWO = f"{RULE.example}\n---\n{RULE.example}"


class TestReleaseRecord(RuleContract):
    rule = RULE
    good = {
        "another environment that is configured": case(
            {ENVIRONMENT: "sandbox"}, config={"environment": "sandbox"}
        ),
        "a ConfigMap that is no record, beside it": case(
            objects=f"{RULE.example}\n---\n{RULE.example.replace('record: release', 'record: x')}"
        ),
    }
    bad = {
        "no label": case({LABEL: GONE}, says="has no record of its release"),
        "no labels": case({"metadata.labels": GONE}, says="has no record of its release"),
        "another record": case({LABEL: "chaos"}, says="has no record of its release"),
        "two records": case({}, "metadata.labels", objects=TWO, says="keep one"),
        "another environment": case(
            {ENVIRONMENT: "staging"}, ENVIRONMENT, says="is not this environment, production"
        ),
        "no environment": case({ENVIRONMENT: GONE}, ENVIRONMENT, says="nothing is not this"),
        "production where another is configured": case(
            {}, ENVIRONMENT, config={"environment": "staging"}
        ),
    }


def test_a_stack_without_any_resource_has_no_record_either():
    (finding,) = RULE.findings(Stack((), NOW), RULE.config())
    assert "no record" in str(finding)
