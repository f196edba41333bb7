"""In every meshed namespace nobody may call anything unless a rule says so."""

from collections.abc import Iterator

from policy.cel import Check, Validation, quoted
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import MESH_WIDE, meshed_namespaces
from policy.resources import Resource, Stack
from policy.rule import HIGH, StackRule
from vocabulary.kinds import AUTHORIZATION_POLICY, NAMESPACE

DRY_RUN = "istio.io/dry-run"


class Config(RuleConfig):
    """Where mesh-wide policy lives."""

    root_namespace: str = "istio-system"
    """Istio's root namespace; a default deny there holds for the whole mesh."""


def check(stack: Stack, config: Config) -> Iterator[Finding]:
    """Each meshed namespace has an AuthorizationPolicy that allows nothing."""
    denied = {
        policy.namespace for policy in stack.of(AUTHORIZATION_POLICY) if _allows_nothing(policy)
    }
    for namespace in meshed_namespaces(stack):
        name = namespace.object_name
        unclear = name is None or stack.unclear(AUTHORIZATION_POLICY)
        if not denied & {name, config.root_namespace} and not unclear:
            yield namespace["metadata"]["name"].finding(
                f"namespace {name} has sidecars but no default deny; add an AuthorizationPolicy "
                "with an empty spec"
            )


def _allows_nothing(policy: Resource) -> bool:
    spec = policy["spec"]
    everywhere = all(spec[key].absent for key in ("selector", "targetRefs", "targetRef"))
    if policy["metadata"]["annotations"][DRY_RUN].text() == "true":
        return False
    return everywhere and spec["action"].text() in (None, "ALLOW") and not spec["rules"].items()


def admission(_: Config) -> Iterator[Check]:
    """For the API server: a default deny cannot be turned into a rehearsal by a note on it."""
    notes = "object.metadata.annotations"
    yield Check(
        kinds=(AUTHORIZATION_POLICY,),
        reach=MESH_WIDE,
        labels_too=True,
        validations=(
            Validation(
                f"!has({notes}) || !({quoted(DRY_RUN)} in {notes})"
                f" || {notes}[{quoted(DRY_RUN)}] != 'true'"
                " || (has(object.spec) && has(object.spec.rules))",
                f"a default deny under {DRY_RUN} denies nothing",
            ),
        ),
    )


RULE = StackRule(
    id="mesh-default-deny",
    severity=HIGH,
    summary="Every namespace with sidecars has a default-deny AuthorizationPolicy.",
    reason="Without one, whatever no rule mentions is allowed, so a forgotten rule opens a service "
    "to every pod of the cluster.",
    fix="Add an AuthorizationPolicy with an empty spec to the namespace; then allow each caller.",
    kinds=(AUTHORIZATION_POLICY, NAMESPACE),
    config=Config,
    subject=NAMESPACE,
    check=check,
    admission=admission,
    example="""\
apiVersion: v1
kind: Namespace
metadata: {name: brisa, labels: {istio-injection: enabled}}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: default-deny, namespace: brisa}
spec: {}
""",
)
