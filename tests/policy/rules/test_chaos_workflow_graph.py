from policy.rules.chaos_workflow_graph import RULE
from tests.policy.contract import RuleContract, case
from tests.policy.rules.workflows import fault, workflow
from tests.policy.views import GONE

WORKFLOW = "spec.workflow"
TEMPLATES = f"{WORKFLOW}.templates"


def serial(*children: str, name: str = "first", kind: str = "Serial") -> dict[str, object]:
    return {"name": name, "templateType": kind, "children": list(children)}


class TestWorkflowGraph(RuleContract):
    rule = RULE
    good = {
        "one step": case({"spec": workflow(fault())}),
        "steps in parallel": case(
            {"spec": workflow(serial("a", "b", kind="Parallel"), fault(name="a"), fault(name="b"))}
        ),
        "a step used twice": case({"spec": workflow(serial("a", "a"), fault(name="a"))}),
        "a bare workflow": case({"kind": "Workflow", "spec": workflow(fault())["workflow"]}),
        "no workflow": case({"spec": {"type": "PodChaos", "podChaos": {}}}),
    }
    bad = {
        "no entry": case({f"{WORKFLOW}.entry": GONE}, f"{WORKFLOW}.entry"),
        "an entry that is not there": case(
            {f"{WORKFLOW}.entry": "start"}, f"{WORKFLOW}.entry", says="all, kill, rest"
        ),
        "no templates": case({TEMPLATES: GONE}, TEMPLATES),
        "an empty list of templates": case({TEMPLATES: []}, TEMPLATES),
        "a child that is not there": case(
            {f"{TEMPLATES}[0].children[1]": "sleep"}, f"{TEMPLATES}[0].children[1]"
        ),
        "no children": case({f"{TEMPLATES}[0].children": GONE}, f"{TEMPLATES}[0].children"),
        "an empty list of children": case(
            {f"{TEMPLATES}[0].children": []}, f"{TEMPLATES}[0].children"
        ),
        "two of one name": case({f"{TEMPLATES}[2].name": "kill"}, TEMPLATES, says="called kill"),
        "a step that calls itself": case(
            {"spec": workflow(serial("first"))}, f"{WORKFLOW}.entry", says="first -> first"
        ),
        "a circle": case(
            {"spec": workflow(serial("b"), serial("c", name="b"), serial("b", name="c"))},
            f"{WORKFLOW}.entry",
            says="b -> c -> b",
        ),
        "a fault without a body": case(
            {f"{TEMPLATES}[1].podChaos": GONE}, f"{TEMPLATES}[1].podChaos"
        ),
        "a status check without a body": case(
            {f"{TEMPLATES}[2].templateType": "StatusCheck"}, f"{TEMPLATES}[2].statusCheck"
        ),
        "an unknown type of step": case(
            {f"{TEMPLATES}[2].templateType": "Sleep"}, f"{TEMPLATES}[2].templateType"
        ),
        "a bare workflow": case(
            {"kind": "Workflow", "spec": workflow(fault(), entry="x")["workflow"]}, "spec.entry"
        ),
    }
