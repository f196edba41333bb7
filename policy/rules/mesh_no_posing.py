"""Nothing outside the cluster stands in for one of its services."""

from collections.abc import Iterator

from policy.cel import Check, Reach, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import SUFFIX, qualified, service_namespace
from policy.resources import Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import SERVICE_ENTRY, WORKLOAD_ENTRY
from vocabulary.labels import APP


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """Entries have hosts and labels of their own."""
    spec = resource["spec"]
    if resource.is_a(WORKLOAD_ENTRY):
        label = spec["labels"][APP]
        if label.text() is not None:
            yield label.finding(
                f"Services that select {APP}={label.text()} would send requests there as well; "
                f"take the label {APP} out"
            )
        return
    for host in spec["hosts"].items():
        name = host.text()
        if name is not None and service_namespace(qualified(name, resource.namespace)) is not None:
            yield host.finding(
                f"{name} is a service of the cluster, and callers would be sent elsewhere; entries "
                "are for hosts outside"
            )


def admission(_: RuleConfig) -> Iterator[Check]:
    """The same for the API server; entries elsewhere must leave the catalogue's names alone."""
    yield Check(
        name="workloads",
        kinds=(WORKLOAD_ENTRY,),
        validations=(
            Validation(
                f"!has(object.spec.labels) || !('{APP}' in object.spec.labels)",
                f"labels must not have {APP}, by which Services select their pods",
            ),
        ),
    )
    ours = (
        "object.spec.hosts.exists(h, variables.catalogue.exists(n, h.endsWith('.' + n + '.svc')"
        f" || h.endsWith('.' + n + '{SUFFIX}')))"
    )
    yield Check(
        name="services",
        kinds=(SERVICE_ENTRY,),
        variables={"posing": ours},
        validations=(
            Validation(
                f"!variables.posing && !object.spec.hosts.exists(h, h.endsWith('{SUFFIX}') ||"
                " h.endsWith('.svc') || !h.contains('.'))",
                "a host must not be a service of the cluster",
            ),
        ),
        reach=Reach("variables.posing", "entries for the catalogue's hosts"),
    )


RULE = ResourceRule(
    id="mesh-no-posing",
    severity=CRITICAL,
    summary="No ServiceEntry or WorkloadEntry stands in for a service of the cluster.",
    reason="Proxies take its addresses for the service's own: callers would hand their requests to "
    "whatever answers there, and under a certificate that it is given.",
    fix="Use entries for hosts outside the cluster only, and labels that no Service selects.",
    kinds=(SERVICE_ENTRY, WORKLOAD_ENTRY),
    check=check,
    admission=admission,
    example="""\
apiVersion: networking.istio.io/v1
kind: WorkloadEntry
metadata: {name: legacy, namespace: brisa}
spec: {address: 192.0.2.7, labels: {machine: legacy}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: payments, namespace: brisa}
spec:
  hosts: [api.payments.example]
  ports: [{number: 443, name: tls, protocol: TLS}]
  resolution: DNS
""",
)
