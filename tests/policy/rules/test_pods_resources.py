from policy.rules.pods_resources import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.views import GONE

POD = "spec.jobTemplate.spec.template.spec"
RESOURCES = f"{POD}.containers[0].resources"


class TestResources(RuleContract):
    rule = RULE
    good = {
        "a CPU limit too": case({f"{RESOURCES}.limits.cpu": "1"}),
        "less is asked for": case({f"{RESOURCES}.limits": GONE}, config={"limits": []}),
    }
    bad = {
        "none": case({RESOURCES: GONE}, f"{RESOURCES}.requests.cpu"),
        "no CPU": case({f"{RESOURCES}.requests.cpu": GONE}, f"{RESOURCES}.requests.cpu"),
        "no memory": case({f"{RESOURCES}.requests.memory": GONE}, f"{RESOURCES}.requests.memory"),
        "no limit": case({f"{RESOURCES}.limits": GONE}, f"{RESOURCES}.limits.memory"),
        "a CPU limit where that is asked for": case(
            {}, f"{RESOURCES}.limits.cpu", config={"limits": ["cpu"]}
        ),
        "a second container": case(
            {f"{POD}.containers[1]": {"name": "b"}}, f"{POD}.containers[1].resources.limits.memory"
        ),
    }
