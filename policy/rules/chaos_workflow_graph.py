"""A workflow's steps lead from its entry to an end."""

from collections import Counter
from collections.abc import Iterator

from policy.config import RuleConfig
from policy.experiments import children, step, workflows
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import CHAOS_EXPERIMENTS, SCHEDULE, WORKFLOW

BODIES = {
    **CHAOS_EXPERIMENTS,
    "Serial": "children",
    "Parallel": "children",
    "StatusCheck": "statusCheck",
    "Schedule": "schedule",
    "Task": "task",
}
LEAF = "Suspend"


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Templates are there, named once, complete, and connected without a cycle."""
    for workflow in workflows(resource):
        templates = workflow["templates"]
        if not templates.unknown and not templates.items():
            yield templates.finding("there are none; write the steps of the workflow")
        yield from _names(templates)
        for template in templates.items():
            yield from _body(template)
            yield from _links(workflow, template)
        yield from _from_entry(workflow)


def _names(templates: Field) -> Iterator[Finding]:
    names = [template["name"].text() for template in templates.items()]
    for name, count in Counter(names).items():
        if name is not None and count > 1:
            yield templates.finding(f"{count} templates are called {name}; rename them")


def _body(template: Field) -> Iterator[Finding]:
    kind = template["templateType"].text()
    if kind is None or kind == LEAF:
        return
    if kind not in BODIES:
        yield template["templateType"].finding(
            f"{kind} is no kind of step; write one of {LEAF}, {', '.join(sorted(BODIES))}"
        )
        return
    body = template[BODIES[kind]]
    if body.missing:
        yield body.finding(f"a {kind} step needs it; write it")
    elif BODIES[kind] == "children" and not body.unknown and body.empty:
        yield body.finding("there are none; write the names of the steps")


def _links(workflow: Field, template: Field) -> Iterator[Finding]:
    branches = [branch["target"] for branch in template["conditionalBranches"].items()]
    for child in [*template["children"].items(), *branches]:
        name = child.text()
        if name is not None and step(workflow, name) is None and not _names_unknown(workflow):
            yield child.finding(f"no template is called {name}; name one of {_known(workflow)}")


def _from_entry(workflow: Field) -> Iterator[Finding]:
    entry = workflow["entry"].text()
    if workflow["entry"].missing:
        yield workflow["entry"].finding("no entry is set; name the first step")
    if entry is None or _names_unknown(workflow):
        return
    if step(workflow, entry) is None:
        yield workflow["entry"].finding(
            f"no template is called {entry}; name one of {_known(workflow)}"
        )
        return
    cycle = _cycle(workflow, entry, ())
    if cycle:
        yield workflow["entry"].finding(
            f"the steps go round in a circle ({' -> '.join(cycle)}); break it"
        )


def _cycle(workflow: Field, name: str, path: tuple[str, ...]) -> tuple[str, ...] | None:
    if name in path:
        return (*path[path.index(name) :], name)
    template = step(workflow, name)
    if template is None:
        return None
    for child in children(template):
        cycle = _cycle(workflow, child, (*path, name))
        if cycle:
            return cycle
    return None


def _names_unknown(workflow: Field) -> bool:
    templates = workflow["templates"]
    return templates.unknown or any(t.unknown or t["name"].unknown for t in templates.items())


def _known(workflow: Field) -> str:
    names = (template["name"].text() for template in workflow["templates"].items())
    return ", ".join(name for name in names if name is not None) or "(there are none)"


RULE = ResourceRule(
    id="chaos-workflow-graph",
    severity=HIGH,
    summary="A workflow's entry and children exist, every step has its body, and nothing cycles.",
    reason="Chaos Mesh accepts, inside a Schedule, a workflow whose entry is missing, whose steps "
    "call themselves or have no content: it starts on time, hangs or injects for ever.",
    fix="Name existing templates, give each the body that its templateType needs, break circles.",
    kinds=(SCHEDULE, WORKFLOW),
    check=check,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-game-day, namespace: brisa}
spec:
  schedule: 0 3 * * 1-5
  type: Workflow
  workflow:
    entry: all
    templates:
      - {name: all, templateType: Serial, deadline: 20m, children: [kill, rest]}
      - name: kill
        templateType: PodChaos
        deadline: 30s
        podChaos: {action: pod-failure, mode: one, selector: {namespaces: [brisa]}}
      - {name: rest, templateType: Suspend, deadline: 1m}
""",
)
