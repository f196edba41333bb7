"""Faults stay out of namespaces on which the cluster, or finding out about the fault, depends."""

from collections.abc import Iterator
from dataclasses import replace
from fnmatch import fnmatchcase

from policy.cel import EVERYWHERE, Check, Reach, Validation, listed, quoted
from policy.chaos_checks import REACH, selected
from policy.config import RuleConfig
from policy.experiments import CHAOS, POD_EXPERIMENTS, experiments
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule


class Config(RuleConfig):
    """Where faults may act."""

    allowed: tuple[str, ...] = ()
    """Namespaces in which faults may act; empty means every one that is not protected. Either way
    the namespace itself must opt in, see chaos-opt-in."""

    protected: tuple[str, ...] = (
        "kube-*",
        "default",
        "flux-system",
        "istio-*",
        "chaos-mesh",
        "monitoring",
        "observability",
        "anomaly-detection",
        "cert-manager",
    )
    """Namespaces that no fault may touch; `*` at the end stands for any ending."""

    def verdict(self, namespace: str) -> str | None:
        """What is wrong with acting in a namespace, if anything."""
        if any(fnmatchcase(namespace, pattern) for pattern in self.protected):
            return "is protected from faults"
        if self.allowed and namespace not in self.allowed:
            return f"is not among the allowed ones ({', '.join(self.allowed)})"
        return None


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """The object's own namespace, and every namespace it selects."""
    yield from _judge(resource["metadata"]["namespace"], resource.namespace, config)
    for experiment in experiments(resource):
        for selection in experiment.selections:
            for place in selection.selector["namespaces"].items():
                yield from _judge(place, place.text(), config)
            for namespace, place in selection.selector["pods"].entries():
                yield from _judge(place, namespace, config)


def _judge(place: Field, namespace: str | None, config: Config) -> Iterator[Finding]:
    problem = None if namespace is None else config.verdict(namespace)
    if problem:
        yield place.finding(f"namespace {namespace} {problem}; choose a namespace of a service")


def admission(config: Config) -> Iterator[Check]:
    """For the API server: the object's own namespace, and those that each fault selects."""
    protected = [
        f"n.startsWith({quoted(pattern[:-1])})"
        if pattern.endswith("*")
        else f"n == {quoted(pattern)}"
        for pattern in config.protected
    ]
    if protected:
        message = "the namespace is protected from faults; choose a namespace of a service"
        holds = f"!({' || '.join(protected)})"
        # Whoever shares the cluster: nobody may take it down.
        yield from _namespaces(holds, message, "protected", EVERYWHERE)
    if config.allowed:
        message = f"faults may act in {', '.join(config.allowed)} only"
        yield from _namespaces(f"n in {listed(config.allowed)}", message, "allowed", REACH)


def _namespaces(holds: str, message: str, name: str, reach: Reach) -> Iterator[Check]:
    def expressions(selection: str) -> tuple[Validation, ...]:
        selector = f"{selection}.selector"
        expression = (
            f"!has({selector}) ||"
            f" ((!has({selector}.namespaces) || {selector}.namespaces.all(n, {holds}))"
            f" && (!has({selector}.pods) || {selector}.pods.all(n, {holds})))"
        )
        return (Validation(expression, message),)

    check = selected(expressions, POD_EXPERIMENTS, name=name, reach=reach)
    own = Validation(f"[object.metadata.namespace].all(n, {holds})", message)
    yield replace(check, validations=(*check.validations, own))


RULE = ResourceRule(
    id="chaos-namespaces",
    severity=CRITICAL,
    summary="No fault lives in or selects a protected namespace.",
    reason="A fault in the control plane, the mesh, GitOps, Chaos Mesh itself or monitoring takes "
    "away the very means to notice and to stop it.",
    fix="Select namespaces of catalogue services only.",
    kinds=CHAOS,
    config=Config,
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
    selector: {namespaces: [brisa], labelSelectors: {app: api}}
""",
)
