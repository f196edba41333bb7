"""What a tenant lets Flux apply stays where the tenant is."""

import re
from collections.abc import Iterator

from policy.cel import Check, Reach, Validation, quoted
from policy.config import RuleConfig
from policy.findings import Finding
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import FLUX_HELM_RELEASE, KUSTOMIZATION

ANY = r"^\s*([*xX]?|>=?\s*[^<,\s]*)\s*$"
"""Versions of a chart that are whatever is newest."""


class Config(RuleConfig):
    """Whose Kustomizations may go anywhere."""

    flux: str = "flux-system"
    """Namespace of Flux: what is in it is the platform's, and sources in it are for all."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """No other namespace, no other cluster, no source of another tenant, no chance version."""
    home, spec = resource.namespace, resource["spec"]
    if home in (None, config.flux):
        return
    for key in ("targetNamespace", "storageNamespace"):
        if spec[key].text() not in (None, "", home):
            yield spec[key].finding(f"{spec[key]} is not {home}, where the tenant is; remove it")
    if not spec["kubeConfig"].missing and not spec["kubeConfig"].unknown:
        yield spec["kubeConfig"].finding("it leads into another cluster; remove it")
    chart = spec["chart"]["spec"]
    for place in (spec["sourceRef"], spec["chartRef"], chart["sourceRef"]):
        yield from _source(place["namespace"], home, config)
    if resource.is_a(FLUX_HELM_RELEASE) and not chart.missing and not chart.unknown:
        version = chart["version"]
        if not version.unknown and re.search(ANY, version.text() or ""):
            yield version.finding("whatever is newest would be installed; write a version")


def _source(namespace: Field, home: str | None, config: Config) -> Iterator[Finding]:
    if namespace.text() not in (None, "", home, config.flux):
        yield namespace.finding(f"{namespace} is another tenant's; use a source of {home}")


def admission(config: Config) -> Iterator[Check]:
    """The same for the API server, in the catalogue's namespaces."""
    home = "object.metadata.namespace"
    elsewhere = (
        f"!({home} in variables.catalogue || variables.enters) || {home} == {quoted(config.flux)}"
    )
    enters = (
        "has(object.spec.targetNamespace) && object.spec.targetNamespace in variables.catalogue"
        f" && {home} != {quoted(config.flux)}"
    )
    entering = Reach("variables.enters", "what is applied into the catalogue's namespaces")

    def validations(*keys: str, sources: tuple[str, ...]) -> Iterator[Validation]:
        for key in keys:
            yield Validation(
                f"{elsewhere} || !has(object.spec.{key})"
                f" || object.spec.{key} == '' || object.spec.{key} == {home}",
                f"spec.{key} must be the namespace of the object itself",
            )
        yield Validation(
            f"{elsewhere} || !has(object.spec.kubeConfig)",
            "spec.kubeConfig leads into another cluster",
        )
        for path in sources:
            there = _present(path)
            yield Validation(
                f"{elsewhere} || !({there}) || object.{path}.namespace == {home}"
                f" || object.{path}.namespace in ['', {quoted(config.flux)}]",
                f"{path} must be of the same namespace, or of Flux's",
            )

    yield Check(
        name="kustomizations",
        kinds=(KUSTOMIZATION,),
        variables={"enters": enters},
        reach=entering,
        validations=(*validations("targetNamespace", sources=("spec.sourceRef",)),),
    )
    version = "object.spec.chart.spec.version"
    yield Check(
        name="charts",
        kinds=(FLUX_HELM_RELEASE,),
        variables={"enters": enters},
        reach=entering,
        validations=(
            *validations(
                "targetNamespace",
                "storageNamespace",
                sources=("spec.chartRef", "spec.chart.spec.sourceRef"),
            ),
            Validation(
                f"{elsewhere} || !has(object.spec.chart)"
                f" || (has({version}) && !{version}.matches({quoted(ANY)}))",
                "spec.chart.spec.version must name a version",
            ),
        ),
    )


def _present(path: str) -> str:
    """In CEL: whether there is a namespace at a path, and all that leads to it."""
    steps = [*path.split("."), "namespace"]
    return " && ".join(f"has(object.{'.'.join(steps[:end])})" for end in range(2, len(steps) + 1))


RULE = ResourceRule(
    id="flux-stays-inside",
    severity=CRITICAL,
    summary="A tenant's Kustomization or HelmRelease stays in its namespace and cluster.",
    reason="Flux applies with its own rights where no ServiceAccount is named: who may write a "
    "Kustomization among the services could write anything anywhere, from anybody's repository.",
    fix="Leave targetNamespace, storageNamespace and kubeConfig away, use a source of the same "
    "namespace or of Flux's, and name the chart's version.",
    kinds=(KUSTOMIZATION, FLUX_HELM_RELEASE),
    subject=KUSTOMIZATION,
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: shop, namespace: brisa}
spec:
  interval: 5m0s
  path: deploy
  prune: true
  wait: true
  timeout: 3m0s
  serviceAccountName: tenant
  targetNamespace: brisa
  sourceRef: {kind: GitRepository, name: shop}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: redis, namespace: brisa}
spec:
  interval: 5m0s
  chart:
    spec:
      chart: redis
      version: 19.0.1
      sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}
""",
)
