from policy.rules.chaos_blast_radius import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import SELECTOR, fault, workflow
from tests.policy.views import GONE

FAULT = "spec.podChaos"
REPLICAS = 'metadata.annotations["platform.brisa/replicas"]'


def parallel(*children):
    step = {"templateType": "Parallel", "deadline": "1m", "children": list(children)}
    return {"name": "both", **step}


def partition(direction):
    other = {"mode": "all", "selector": {"namespaces": ["brisa"], "labelSelectors": {"app": "db"}}}
    spec = {"action": "partition", "direction": direction, "target": other, "mode": "one"}
    return {
        "schedule": "0 3 * * 1-5",
        "type": "NetworkChaos",
        "networkChaos": {**spec, "selector": SELECTOR, "duration": "30s"},
    }


class TestBlastRadius(RuleContract):
    rule = RULE
    good = {
        "two of three": case({f"{FAULT}.mode": "fixed", f"{FAULT}.value": "2"}),
        "half of four": case(
            {f"{FAULT}.mode": "fixed-percent", f"{FAULT}.value": "50", REPLICAS: "web=1, api=4"}
        ),
        "two steps of a workflow": case(
            {"spec": workflow(fault(), fault(name="second")), REPLICAS: "api=2"}
        ),
        "replicas need not be said where that is configured": case(
            {REPLICAS: GONE}, config={"requireReplicas": False}
        ),
        "nobody need be left where that is configured": case(
            {REPLICAS: "api=1"}, config={"minHealthy": 0}
        ),
        "everybody on the other side, which loses nothing": case({"spec": partition("to")}),
        "fewer replicas said than there are": case(config={"replicas": {"api": 9}}),
        "two of three at once, one each": case(
            {"spec": workflow(parallel("first", "second"), fault(), fault(name="second"))}
        ),
    }
    bad = {
        "everybody": case({f"{FAULT}.mode": "all"}, f"{FAULT}.mode", says="use one of one"),
        "too many": case({f"{FAULT}.mode": "fixed", f"{FAULT}.value": "4"}, f"{FAULT}.value"),
        "zero": case({f"{FAULT}.mode": "fixed", f"{FAULT}.value": "0"}, f"{FAULT}.value"),
        "no value": case({f"{FAULT}.mode": "fixed"}, f"{FAULT}.value"),
        "a percent sign": case(
            {f"{FAULT}.mode": "fixed-percent", f"{FAULT}.value": "50%"}, f"{FAULT}.value"
        ),
        "too large a share": case(
            {f"{FAULT}.mode": "fixed-percent", f"{FAULT}.value": "51", REPLICAS: "api=9"},
            f"{FAULT}.value",
            says="outside 1 to 50 %",
        ),
        "a random share that may be too large": case(
            {f"{FAULT}.mode": "random-max-percent", f"{FAULT}.value": "80"}, f"{FAULT}.value"
        ),
        "the only pod": case({REPLICAS: "api=1"}, f"{FAULT}.mode", says="hits 1 of 1"),
        "ten percent of one pod is the whole service": case(
            {f"{FAULT}.mode": "fixed-percent", f"{FAULT}.value": "10", REPLICAS: "api=1"},
            f"{FAULT}.mode",
            says="rounded up",
        ),
        "all three": case(
            {f"{FAULT}.mode": "fixed", f"{FAULT}.value": "3"}, f"{FAULT}.mode", says="3 of 3"
        ),
        "two must be left": case(
            {REPLICAS: "api=2"}, f"{FAULT}.mode", config={"minHealthy": 2}, says="fewer than 2"
        ),
        "replicas of another service only": case({REPLICAS: "web=3"}, REPLICAS, says="api"),
        "replicas not said": case({REPLICAS: GONE}, REPLICAS),
        "everybody on the other side, which loses what it sends": case(
            {"spec": partition("from")}, "spec.networkChaos.target.mode"
        ),
        "more replicas said than there are": case(
            {REPLICAS: "api=3"}, f"{FAULT}.mode", config={"replicas": {"api": 1}}, says="1 of 1"
        ),
        "side by side on every pod of those that there are": case(
            {"spec": workflow(parallel("first", "second"), fault(), fault(name="second"))},
            "spec.workflow.templates[0].children",
            config={"replicas": {"api": 2}},
            says="together they hit 2 of 2",
        ),
        "side by side on every pod": case(
            {
                "spec": workflow(parallel("first", "second"), fault(), fault(name="second")),
                REPLICAS: "api=2",
            },
            "spec.workflow.templates[0].children",
            says="together they hit 2 of 2",
        ),
        "in a workflow": case(
            {"spec": workflow(fault(mode="all"))}, "spec.workflow.templates[0].podChaos.mode"
        ),
    }
