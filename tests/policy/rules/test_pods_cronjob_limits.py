from policy.rules.pods_cronjob_limits import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

JOB = "spec.jobTemplate.spec"


class TestCronJobLimits(RuleContract):
    rule = RULE
    good = {
        "a newer run replaces an older": case({"spec.concurrencyPolicy": "Replace"}),
        "an indexed job that counts for each index": case(
            {f"{JOB}.backoffLimit": GONE, f"{JOB}.backoffLimitPerIndex": 1}
        ),
        "no history": case({"spec.successfulJobsHistoryLimit": 0}),
    }
    bad = {
        "runs side by side": case({"spec.concurrencyPolicy": "Allow"}, "spec.concurrencyPolicy"),
        "side by side by default": case({"spec.concurrencyPolicy": GONE}, "spec.concurrencyPolicy"),
        "no starting deadline": case(
            {"spec.startingDeadlineSeconds": GONE}, "spec.startingDeadlineSeconds"
        ),
        "a starting deadline that cannot be met": case(
            {"spec.startingDeadlineSeconds": 5}, "spec.startingDeadlineSeconds", says="10 to 600"
        ),
        "a run without end": case(
            {f"{JOB}.activeDeadlineSeconds": GONE}, f"{JOB}.activeDeadlineSeconds"
        ),
        "a long run": case({f"{JOB}.activeDeadlineSeconds": 9999}, f"{JOB}.activeDeadlineSeconds"),
        "many retries": case({f"{JOB}.backoffLimit": 6}, f"{JOB}.backoffLimit"),
        "many retries of each index": case(
            {f"{JOB}.backoffLimitPerIndex": 6}, f"{JOB}.backoffLimitPerIndex"
        ),
        "retries by default": case({f"{JOB}.backoffLimit": GONE}, f"{JOB}.backoffLimit"),
        "a long history": case({"spec.failedJobsHistoryLimit": 100}, "spec.failedJobsHistoryLimit"),
        "a history by default": case(
            {"spec.successfulJobsHistoryLimit": GONE}, "spec.successfulJobsHistoryLimit"
        ),
    }
