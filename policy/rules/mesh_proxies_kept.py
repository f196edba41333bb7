"""Every pod of a service keeps its proxy, and the proxy what it knows."""

from collections.abc import Iterator

from policy.cel import Check, Reach, Validation, listed, quoted
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import MESH_WIDE
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import NAMESPACE, SIDECAR
from vocabulary.labels import INJECTION, MANAGED_BY, PART_OF, PLATFORM, REVISION

OURS = {PART_OF: PLATFORM, MANAGED_BY: "pulumi"}
NOTHING = "~/*"


class Config(RuleConfig):
    """Whose namespaces."""

    catalogue: tuple[str, ...] = ()
    """Namespaces of the catalogue's services."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """Namespaces of services inject; a Sidecar cuts off nobody and takes no plain text."""
    labels = resource["metadata"]["labels"]
    if resource.is_a(NAMESPACE):
        if resource.object_name in config.catalogue and not _injects(labels):
            yield labels[INJECTION].finding(
                "no pod of its services would get a proxy; write enabled, or a revision"
            )
        return
    spec = resource["spec"]
    ours = all(labels[key].unknown or labels[key].text() == value for key, value in OURS.items())
    if spec["workloadSelector"].missing and not ours:
        yield spec["workloadSelector"].finding(
            "it would be in the place of the platform's for the whole namespace; name the workload"
        )
    yield from _cut_off(spec)


def _injects(labels: Field) -> bool:
    injection, revision = labels[INJECTION], labels[REVISION]
    if injection.unknown or revision.unknown:
        return True
    return injection.text() == "enabled" or (injection.missing and bool(revision.text()))


def _cut_off(spec: Field) -> Iterator[Finding]:
    for listener in spec["egress"].items():
        for host in listener["hosts"].items():
            if host.text() == NOTHING:
                yield host.finding("its pods could call nobody; name what they call")
    for listener in spec["ingress"].items():
        if not listener["tls"].missing and not listener["tls"].unknown:
            yield listener["tls"].finding("it is in the place of mutual TLS; remove it")


def admission(config: Config) -> Iterator[Check]:
    """The same for the API server."""
    labelled = " && ".join(
        f"{quoted(key)} in object.metadata.labels"
        f" && object.metadata.labels[{quoted(key)}] == {quoted(value)}"
        for key, value in OURS.items()
    )
    yield Check(
        name="sidecars",
        kinds=(SIDECAR,),
        reach=MESH_WIDE,
        validations=(
            Validation(
                f"has(object.spec.workloadSelector) || (has(object.metadata.labels) && {labelled})",
                "spec.workloadSelector must name the workload; the namespace's is the platform's",
            ),
            Validation(
                "!has(object.spec.egress) || !object.spec.egress.exists(e, has(e.hosts)"
                f" && {quoted(NOTHING)} in e.hosts)",
                "egress must name what the pods call",
            ),
            Validation(
                "!has(object.spec.ingress) || !object.spec.ingress.exists(i, has(i.tls))",
                "ingress must leave TLS to mutual TLS",
            ),
        ),
    )
    home = f"object.metadata.name in {listed(config.catalogue)}"
    injection, revision = quoted(INJECTION), quoted(REVISION)
    labels = "object.metadata.labels"
    yield Check(
        name="namespaces",
        kinds=(NAMESPACE,),
        validations=(
            Validation(
                f"!({home}) || (has({labels}) && ({injection} in {labels}"
                f" ? {labels}[{injection}] == 'enabled'"
                f" : {revision} in {labels} && {labels}[{revision}] != ''))",
                "pods of a namespace of services must get their proxy",
            ),
        ),
        reach=Reach(home, "the catalogue's namespaces themselves"),
        labels_too=True,
    )


RULE = ResourceRule(
    id="mesh-proxies-kept",
    severity=CRITICAL,
    summary="The pods of services keep their proxies, and what these know and demand.",
    reason="Without a proxy a pod asks nobody who calls, and cannot call a service under STRICT. A "
    "Sidecar for a whole namespace can cut all of its services off at once.",
    fix="Leave injection on. Write Sidecars for single workloads, with the hosts that they call.",
    kinds=(SIDECAR, NAMESPACE),
    subject=SIDECAR,
    config=Config,
    check=check,
    admission=admission,
    example="""\
apiVersion: v1
kind: Namespace
metadata: {name: brisa, labels: {istio-injection: enabled}}
---
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: {name: web, namespace: brisa}
spec:
  workloadSelector: {labels: {app: web}}
  egress: [{hosts: [./api.brisa.svc.cluster.local, istio-system/*]}]
""",
)
