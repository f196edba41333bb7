"""Every scheduled fault is watched before, meanwhile and after.

Before, so that nothing broken is broken further; meanwhile, so that it is stopped; and after, so
that somebody knows that it is over.
"""

from collections.abc import Iterator
from datetime import timedelta

from policy.cel import Check, Validation
from policy.chaos_checks import REACH, variables
from policy.config import Duration, RuleConfig
from policy.experiments import children, experiments, step, workflows
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import HIGH, ResourceRule
from vocabulary.kinds import CHAOS_EXPERIMENTS, SCHEDULE
from vocabulary.timing.duration import format_duration

CHECK, ABORTS = "StatusCheck", "abortWithStatusCheck"
THRESHOLD, INTERVAL, TIMEOUT = 3, 10, 1
"""What Chaos Mesh takes where a status check says nothing; the last two in seconds."""


class Config(RuleConfig):
    """How soon a fault must end that does harm."""

    abort_within: Duration = timedelta(seconds=15)
    """Longest time from the first bad moment to the abort."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """A Schedule starts a workflow whose faults are all under watch, between two checks."""
    found = list(workflows(resource))
    for workflow in found:
        if not _is_known(workflow):
            continue
        yield from _framed(workflow)
        watched = set(_under_watch(workflow))
        for template in workflow["templates"].items():
            name, kind = template["name"].text(), template["templateType"].text()
            if kind in (*CHAOS_EXPERIMENTS, "Schedule") and name not in watched:
                yield template["templateType"].finding(
                    f"nothing watches {name}; put it beside a StatusCheck of mode Continuous with "
                    "abortWithStatusCheck in a Parallel step"
                )
            if kind == CHECK:
                yield from _quick(template, config)
    if not found:
        for experiment in experiments(resource):
            yield resource["spec"]["type"].finding(
                f"nothing watches and stops the {experiment.kind}; make it a step of a Workflow, "
                "beside a StatusCheck of mode Continuous with abortWithStatusCheck"
            )


def _framed(workflow: Field) -> Iterator[Finding]:
    entry = step(workflow, workflow["entry"].text() or "")
    if entry is None:
        return
    kinds = [(step(workflow, name) or entry)["templateType"].text() for name in children(entry)]
    serial = entry["templateType"].text() == "Serial"
    if not serial or not kinds or kinds[0] != CHECK or kinds[-1] != CHECK:
        yield entry["children"].finding(
            "the faults stand between no checks; let a Serial entry begin and end with a "
            "StatusCheck"
        )


def _under_watch(workflow: Field) -> Iterator[str]:
    for template in workflow["templates"].items():
        if template["templateType"].text() != "Parallel":
            continue
        beside = [step(workflow, name) for name in children(template)]
        if any(each is not None and _watches(each) for each in beside):
            yield from _below(workflow, template, ())


def _below(workflow: Field, template: Field, path: tuple[str, ...]) -> Iterator[str]:
    for name in children(template):
        child = step(workflow, name)
        if child is not None and name not in path:
            yield name
            yield from _below(workflow, child, (*path, name))


def _watches(template: Field) -> bool:
    return (
        template["templateType"].text() == CHECK
        and template[ABORTS].flag() is True
        and template["statusCheck"]["mode"].text() == "Continuous"
    )


def _quick(template: Field, config: Config) -> Iterator[Finding]:
    if not _watches(template):
        return
    probe = template["statusCheck"]
    told = [probe[key] for key in ("failureThreshold", "intervalSeconds", "timeoutSeconds")]
    usual = (THRESHOLD, INTERVAL, TIMEOUT)
    numbers = [
        default if place.missing else place.number()
        for place, default in zip(told, usual, strict=True)
    ]
    if None in numbers:
        return
    failures, interval, timeout = (number or 0 for number in numbers)
    longest = timedelta(seconds=failures * interval + timeout)
    if longest > config.abort_within:
        yield told[1].finding(
            f"it aborts {format_duration(longest)} after the first bad moment ({failures:g} "
            f"failures, one every {interval:g} s), later than "
            f"{format_duration(config.abort_within)}; ask more often"
        )


def _is_known(workflow: Field) -> bool:
    """Whether all is known that says which step leads where, and which one watches."""
    places = [workflow["entry"], workflow["templates"]]
    for template in workflow["templates"].items():
        places += [template, template["statusCheck"], template["statusCheck"]["mode"]]
        places += [template[key] for key in ("name", "templateType", "children", ABORTS)]
        places += template["children"].items()
    return not any(place.unknown for place in places)


def admission(_: Config) -> Iterator[Check]:
    """For the API server: a Schedule is of a Workflow that something watches and can abort."""
    watches = (
        "t.templateType == 'StatusCheck' && has(t.statusCheck)"
        " && has(t.statusCheck.mode) && t.statusCheck.mode == 'Continuous'"
        " && has(t.abortWithStatusCheck) && t.abortWithStatusCheck"
    )
    yield Check(
        kinds=(SCHEDULE,),
        variables=variables(),
        validations=(
            Validation(
                "object.spec.type == 'Workflow' && has(object.spec.workflow)"
                f" && object.spec.workflow.templates.exists(t, {watches})",
                "schedule a Workflow with a StatusCheck of mode Continuous and "
                "abortWithStatusCheck, so that something watches the fault and stops it",
            ),
        ),
        reach=REACH,
    )


RULE = ResourceRule(
    id="chaos-watched",
    severity=HIGH,
    summary="Every scheduled fault is checked before, during and after, and stopped in time.",
    reason="A Schedule of a bare fault runs to its end whatever happens, at three in the morning, "
    "and nobody knows afterwards whether the service held.",
    fix="Schedule a Workflow: StatusCheck, then the faults in a Parallel step beside a Continuous "
    "StatusCheck with abortWithStatusCheck, then a StatusCheck.",
    kinds=(SCHEDULE,),
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-pod-failure, namespace: brisa}
spec:
  schedule: 0 3 * * 1-5
  type: Workflow
  workflow:
    entry: run
    templates:
      - {name: run, templateType: Serial, deadline: 5m, children: [steady, under-watch, well]}
      - name: steady
        templateType: StatusCheck
        deadline: 2m
        abortWithStatusCheck: true
        statusCheck: &health
          type: HTTP
          http: {url: https://gateway.brisa.example/health, criteria: {statusCode: "200"}}
      - {name: under-watch, templateType: Parallel, deadline: 1m, children: [failure, watch]}
      - name: failure
        templateType: PodChaos
        deadline: 30s
        podChaos:
          action: pod-failure
          mode: one
          selector: {namespaces: [brisa], labelSelectors: {app: api}}
      - name: watch
        templateType: StatusCheck
        deadline: 30s
        abortWithStatusCheck: true
        statusCheck:
          mode: Continuous
          type: HTTP
          intervalSeconds: 2
          http: {url: https://gateway.brisa.example/health, criteria: {statusCode: "200"}}
      - name: well
        templateType: StatusCheck
        deadline: 2m
        abortWithStatusCheck: true
        statusCheck: *health
""",
)
