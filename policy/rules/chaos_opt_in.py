"""Faults act only in namespaces that say so themselves, and hit services that allow it."""

from collections.abc import Collection, Iterator
from dataclasses import replace

from policy.cel import Check, Validation, mapped, quoted
from policy.chaos_checks import victims
from policy.config import RuleConfig
from policy.experiments import CHAOS, POD_EXPERIMENTS, Selection, experiments
from policy.findings import Finding
from policy.resources import Field, Stack
from policy.rule import HIGH, StackRule
from vocabulary.kinds import ENVOY_FILTER, NAMESPACE
from vocabulary.labels import APP, CHAOS_INJECT, EXPERIMENT, MESH_FAULT, TARGET


class Config(RuleConfig):
    """Who has opted in."""

    services: tuple[str, ...] | None = None
    """Services that faults may hit, `namespace/name`: those of the catalogue with `chaos: true`.
    null where that is not known; then only namespaces count."""


def check(stack: Stack, config: Config) -> Iterator[Finding]:
    """Every namespace that a fault selects carries the annotation; what it hits allows it."""
    opted = {
        namespace.object_name: namespace["metadata"]["annotations"][CHAOS_INJECT]
        for namespace in stack.of(NAMESPACE)
    }
    for resource in stack.of(*CHAOS):
        for experiment in experiments(resource):
            for selection in experiment.selections:
                for place in selection.selector["namespaces"].items():
                    yield from _judge(place, opted, unclear=stack.unclear(NAMESPACE))
            for selection in experiment.victims if config.services is not None else ():
                yield from _willing(selection, config.services or ())


def _willing(selection: Selection, services: Collection[str]) -> Iterator[Finding]:
    selector = selection.selector
    app, namespaces = selector["labelSelectors"][APP], selector["namespaces"]
    allowed = f"select one that does by its label {APP} ({', '.join(services) or 'there is none'})"
    if not selector["pods"].absent:
        yield selector["pods"].finding(f"pods by name are of no service that allows it; {allowed}")
    elif app.absent:
        yield app.finding(f"whatever has the other labels is hit, also what allows none; {allowed}")
    elif app.text() is not None:
        for place in namespaces.items():
            if (home := place.text()) is not None and f"{home}/{app.text()}" not in services:
                yield app.finding(f"{home}/{app.text()} allows no experiments; {allowed}")


def _judge(place: Field, opted: dict[str | None, Field], *, unclear: bool) -> Iterator[Finding]:
    namespace = place.text()
    if namespace is None or unclear:
        return
    if namespace not in opted:
        yield place.finding(
            f"namespace {namespace} is not part of this stack, so nobody here can have opened it "
            "for faults; choose a namespace of a service with chaos: true"
        )
    elif not opted[namespace].unknown and opted[namespace].text() != "enabled":
        yield place.finding(
            f"namespace {namespace} has not opted in; annotate it {CHAOS_INJECT}: enabled"
        )


def admission(config: Config) -> Iterator[Check]:
    """For the API server: what a fault hits, of Chaos Mesh or of the mesh, allows it."""
    if config.services is None:
        return
    services = {"services": mapped(dict.fromkeys(config.services, "true"))}
    message = f"these services allow experiments: {', '.join(config.services) or 'none'}; select "
    message += f"one by its namespace and its label {APP}, or declare chaos: true"
    app = f"s.selector.labelSelectors[{quoted(APP)}]"
    theirs = (
        "has(s.selector) && !has(s.selector.pods) && has(s.selector.namespaces)"
        f" && has(s.selector.labelSelectors) && {quoted(APP)} in s.selector.labelSelectors"
        f" && s.selector.namespaces.all(n, (n + '/' + {app}) in variables.services)"
    )
    check = victims(lambda _: (Validation(theirs, message),), POD_EXPERIMENTS)
    yield replace(check, variables={**services, **check.variables})
    target = f"object.metadata.labels[{quoted(TARGET)}]"
    yield Check(
        kinds=(ENVOY_FILTER,),
        name="mesh-fault",
        labels={EXPERIMENT: MESH_FAULT},
        variables=services,
        validations=(
            Validation(
                f"{quoted(TARGET)} in object.metadata.labels"
                f" && (object.metadata.namespace + '/' + {target}) in variables.services",
                message,
            ),
        ),
    )


RULE = StackRule(
    id="chaos-opt-in",
    severity=HIGH,
    summary="Every namespace and every service that a fault selects has opted in.",
    reason="With the namespace filter on, Chaos Mesh selects nothing elsewhere: the experiment "
    "runs, hits nobody, and looks like a success. Within a namespace it asks nobody.",
    fix="Annotate the namespace chaos-mesh.org/inject: enabled and declare the service with chaos: "
    "true, which does both; or select another one.",
    kinds=(*CHAOS, NAMESPACE),
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: v1
kind: Namespace
metadata: {name: brisa, annotations: {chaos-mesh.org/inject: enabled}}
---
apiVersion: chaos-mesh.org/v1alpha1
kind: Schedule
metadata: {name: api-pod-failure, namespace: brisa}
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
