"""A fault hits few pods, and leaves at least one of its service alone."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pydantic import Field as Limit

from policy.cel import Check, Validation, listed, mapped, quoted
from policy.chaos_checks import victims
from policy.config import RuleConfig
from policy.experiments import (
    CHAOS,
    POD_EXPERIMENTS,
    Experiment,
    Selection,
    children,
    embedded,
    experiments,
    replicas_of,
    step,
    workflows,
)
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import SCHEDULE
from vocabulary.labels import APP, REPLICAS

PERCENT = ("fixed-percent", "random-max-percent")


class Config(RuleConfig):
    """How many pods a fault may hit."""

    modes: tuple[str, ...] = ("one", "fixed", "fixed-percent", "random-max-percent")
    """Modes that may be used; `all` is not among them."""

    max_pods: int = Limit(3, ge=1)
    """Most pods that one fault may hit, in mode fixed."""

    max_percent: int = Limit(50, ge=1, le=100)
    """Largest share of the selected pods, in percent. Chaos Mesh rounds up."""

    min_healthy: int = Limit(1, ge=0)
    """Pods of the service that must be left alone."""

    require_replicas: bool = True
    """Whether a fault must say how many pods its service has, so that what is left is known."""

    replicas: Mapping[str, int] = {}
    """Pods of each service, as the catalogue says; a fault that says more is not believed."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """The mode, its value, and what is left of the service."""
    for experiment in experiments(resource):
        for selection in experiment.victims:
            yield from _mode(selection, config)
        if experiment.selections:
            yield from _left(experiment, config)
    yield from _together(resource, config)


def _together(resource: Resource, config: Config) -> Iterator[Finding]:
    """What runs side by side is summed, per service."""
    for workflow in workflows(resource):
        for template in workflow["templates"].items():
            if template["templateType"].text() != "Parallel":
                continue
            hit = _hit(workflow, template, config, ())
            for service, pods in hit.items():
                replicas = _pods(resource, service, config)
                if replicas is not None and pods > 1 and replicas - pods < config.min_healthy:
                    yield template["children"].finding(
                        f"together they hit {pods} of {replicas} pods of {service} and leave fewer "
                        f"than {config.min_healthy}; run them one after the other"
                    )


def _hit(workflow: Field, template: Field, config: Config, path: tuple[str, ...]) -> Counter[str]:
    """How many pods of each service a step hits at once, at most."""
    found: Counter[str] = Counter()
    for experiment in embedded(template):
        service = experiment.service
        replicas = _pods(template.resource, service, config)
        if service and replicas:
            found[service] += Selection(experiment.spec).affected(replicas) or 0
    for name in children(template):
        child = step(workflow, name)
        if child is None or name in path:
            continue
        below = _hit(workflow, child, config, (*path, name))
        found = found + below if template["templateType"].text() == "Parallel" else found | below
    return found


def _mode(selection: Selection, config: Config) -> Iterator[Finding]:
    mode, value = selection.place["mode"], selection.place["value"]
    text = mode.text()
    if text is None:
        return
    if text not in config.modes:
        yield mode.finding(f"{mode} is not allowed; use one of {', '.join(config.modes)}")
    elif text == "fixed" or text in PERCENT:
        limit, unit = (config.max_percent, " %") if text in PERCENT else (config.max_pods, "")
        number = value.text()
        if value.missing or (number is not None and not number.isdecimal()):
            yield value.finding(f'{value} is not a count; write a whole number as "1"')
        elif number is not None and not 1 <= int(number) <= limit:
            yield value.finding(f"{value} is outside 1 to {limit}{unit}; lower the blast radius")


def _left(experiment: Experiment, config: Config) -> Iterator[Finding]:
    replicas = _pods(experiment.spec.resource, experiment.service, config)
    mode, annotations = experiment.spec["mode"], experiment.spec.resource["metadata"]["annotations"]
    if mode.unknown or annotations[REPLICAS].unknown:
        return
    if replicas is None:
        service = experiment.spec["selector"]["labelSelectors"][APP]
        if config.require_replicas and not service.unknown:
            yield annotations[REPLICAS].finding(
                f"{annotations[REPLICAS]} does not say how many pods {service} has; "
                "write service=count, such as api=3"
            )
        return
    affected = Selection(experiment.spec).affected(replicas)
    if affected is not None and replicas - affected < config.min_healthy:
        yield mode.finding(
            f"{mode} hits {affected} of {replicas} pods "
            f"(percentages are rounded up) and leaves fewer than {config.min_healthy}; hit fewer "
            "pods or run more replicas"
        )


def _pods(resource: Resource, service: str | None, config: Config) -> int | None:
    """How many a service has: what the fault says, but no more than the catalogue does."""
    said = replicas_of(resource, service)
    return said if said is None else min(said, config.replicas.get(service or "", said))


def admission(config: Config) -> Iterator[Check]:
    """For the API server: mode and value of each selection, wherever it stands."""

    def expressions(spec: str) -> tuple[Validation, ...]:
        count = f"has({spec}.value) && {spec}.value.matches('^[1-9][0-9]*$')"
        return (
            Validation(
                f"has({spec}.mode) && {spec}.mode in {listed(config.modes)}",
                f"mode must be one of {', '.join(config.modes)}",
            ),
            Validation(
                f"{spec}.mode != 'fixed' || ({count} && int({spec}.value) <= {config.max_pods})",
                f"value must be 1 to {config.max_pods} pods",
            ),
            Validation(
                f"!({spec}.mode in {listed(PERCENT)}) || ({count}"
                f" && int({spec}.value) <= {config.max_percent})",
                f"value must be 1 to {config.max_percent} percent",
            ),
        )

    check = victims(expressions, POD_EXPERIMENTS)
    yield check
    if config.require_replicas:
        yield _left_alone(check, config.min_healthy)
    if config.replicas:
        yield _believed(check, config)


def _left_alone(check: Check, healthy: int) -> Check:
    """A Schedule says how many pods each service has, and that is more than it hits.

    Percentages are bounded as such; what a Schedule starts is made by Chaos Mesh, and says nothing.
    """
    app, count = f"s.selector.labelSelectors[{quoted(APP)}]", r"matches('^[0-9]+$')"
    hit = "(s.mode == 'fixed' ? int(s.value) : 1)"
    said = f"variables.replicas.exists(e, e[0] == {app} && e[1].{count} && int(e[1]) >= {hit}"
    return replace(
        check,
        name="replicas",
        kinds=(SCHEDULE,),
        variables={
            **check.variables,
            "replicas": (
                f"has(object.metadata.annotations) && {quoted(REPLICAS)} in"
                f" object.metadata.annotations ? object.metadata.annotations[{quoted(REPLICAS)}]"
                ".split(',').map(e, e.trim().split('=')).filter(e, e.size() == 2) : []"
            ),
        },
        validations=(
            Validation(
                "variables.victims.all(group, group.all(s, !has(s.selector.labelSelectors)"
                f" || !({quoted(APP)} in s.selector.labelSelectors) || {said} + {healthy})))",
                f"the annotation {REPLICAS} must say how many pods each service has, and at least "
                f"{healthy} must be left alone",
            ),
        ),
    )


def _believed(check: Check, config: Config) -> Check:
    """Whatever a fault says, or if it says nothing, the catalogue's pods are not all hit."""
    app = f"s.selector.labelSelectors[{quoted(APP)}]"
    pods = f"variables.replicas[{app}]"
    hit = (
        f"(s.mode == 'one' ? 1 : s.mode == 'all' ? {pods} :"
        " !has(s.value) || !s.value.matches('^[0-9]{1,4}$') ? 0 :"
        f" s.mode == 'fixed' ? int(s.value) : ({pods} * int(s.value) + 99) / 100)"
    )
    return replace(
        check,
        name="catalogue",
        variables={
            "replicas": mapped({name: str(pods) for name, pods in config.replicas.items()}),
            **check.variables,
        },
        validations=(
            Validation(
                "variables.victims.all(group, group.all(s, !has(s.selector)"
                f" || !has(s.selector.labelSelectors) || !({quoted(APP)} in"
                f" s.selector.labelSelectors) || !({app} in variables.replicas)"
                f" || {pods} - {hit} >= {config.min_healthy}))",
                f"at least {config.min_healthy} of the pods that the catalogue says must be left "
                "alone; hit fewer, or declare more replicas",
            ),
        ),
    )


RULE = ResourceRule(
    id="chaos-blast-radius",
    severity=CRITICAL,
    summary="A fault hits a bounded number of pods and leaves at least one of its service.",
    reason="Chaos Mesh has no cap and rounds percentages up: 10 % of a single pod is the whole "
    "service, and pod-kill does not ask disruption budgets.",
    fix="Use mode one, or fixed with a small value, and say how many pods the service has in the "
    "annotation platform.brisa/replicas.",
    kinds=CHAOS,
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata:
  name: api-pod-failure
  namespace: brisa
  annotations: {platform.brisa/replicas: api=3}
spec:
  schedule: 0 2 * * *
  type: PodChaos
  podChaos:
    action: pod-failure
    mode: one
    duration: 30s
    selector: {namespaces: [brisa], labelSelectors: {app: api}}
""",
)
