"""A fault says whom it hits."""

from collections.abc import Iterator

from policy.cel import Check, Validation
from policy.chaos_checks import selected
from policy.config import RuleConfig
from policy.experiments import CHAOS, POD_EXPERIMENTS, experiments
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule

NARROWING = ("labelSelectors", "expressionSelectors", "pods")
BROAD = ("nodes", "nodeSelectors", "fieldSelectors")


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Victims, and the other side of a network fault, are selected explicitly."""
    for experiment in experiments(resource):
        for selection in experiment.selections:
            if not selection.selector.unknown:
                yield from _explicit(selection.selector)
            if selection.place["mode"].missing:
                yield selection.place["mode"].finding("no mode is set; write one, or fixed")


def _explicit(selector: Field) -> Iterator[Finding]:
    if selector["pods"].missing and _empty(selector["namespaces"]):
        yield selector["namespaces"].finding(
            "no namespace is named, so it is wherever the object lands; list the namespaces"
        )
    if all(_empty(selector[key]) for key in NARROWING):
        yield selector.finding(
            "it matches every pod of the namespace; add labelSelectors, such as app: api"
        )
    for key in BROAD:
        if not selector[key].missing:
            yield selector[key].finding(f"{key} hits whatever runs there; select pods by label")


def _empty(place: Field) -> bool:
    return not place.unknown and place.empty


def admission(_: RuleConfig) -> Iterator[Check]:
    """For the API server: whom each fault selects, wherever it stands."""
    yield selected(_expressions, POD_EXPERIMENTS)


def _expressions(spec: str) -> tuple[Validation, ...]:
    selector = f"{spec}.selector"
    return (
        Validation(f"has({selector})", "selector must choose pods"),
        Validation(
            f"has({selector}.pods) || (has({selector}.namespaces)"
            f" && {selector}.namespaces.size() > 0)",
            "selector.namespaces must list the namespaces",
        ),
        Validation(
            " || ".join(
                f"(has({selector}.{key}) && {selector}.{key}.size() > 0)" for key in NARROWING
            ),
            "selector must choose pods, for example by labelSelectors",
        ),
        Validation(
            " && ".join(f"!has({selector}.{key})" for key in BROAD),
            f"selector must not use {', '.join(BROAD)}",
        ),
    )


RULE = ResourceRule(
    id="chaos-selector",
    severity=CRITICAL,
    summary="Every fault selects its victims by namespace and label.",
    reason="An empty selector means every pod of the namespace, and an absent namespace means the "
    "one in which the object happens to land.",
    fix="Write selector.namespaces and selector.labelSelectors; the same for `target`.",
    kinds=CHAOS,
    check=check,
    admission=admission,
    example="""\
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
    selector:
      namespaces: [brisa]
      labelSelectors: {app: api}
""",
)
