"""Nothing outside the cluster stands in for one of its services."""

import re
from collections.abc import Iterator

from policy.cel import Check, Reach, Validation, listed
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import SUFFIX, qualified, service_namespace
from policy.resources import Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import SERVICE, SERVICE_ENTRY, WORKLOAD_ENTRY, WORKLOAD_GROUP
from vocabulary.labels import APP


class Config(RuleConfig):
    """Who the services are."""

    accounts: dict[str, str] = {}
    """`namespace/name` of each service of the catalogue, and the ServiceAccount that it runs as."""


def check(resource: Resource, config: Config) -> Iterator[Finding]:
    """Entries have hosts and labels of their own."""
    spec = resource["spec"]
    if resource.is_a(SERVICE):
        for address in spec["externalIPs"].items():
            yield address.finding("whoever calls that address would be answered here; remove it")
        named = f"{resource.namespace}/{resource.object_name}"
        if named in config.accounts:
            yield from _leads_to_itself(resource)
        return
    if resource.is_a(WORKLOAD_ENTRY, WORKLOAD_GROUP):
        entry = spec if resource.is_a(WORKLOAD_ENTRY) else spec["metadata"]
        label = entry["labels"][APP]
        if label.text() is not None:
            yield label.finding(
                f"Services that select {APP}={label.text()} would send requests there as well; "
                f"take the label {APP} out"
            )
        return
    for address in spec["addresses"].items():
        if re.search(r"/[0-7]$", address.text() or ""):
            yield address.finding(f"{address} is most addresses there are; name those you mean")
    for host in spec["hosts"].items():
        name = host.text()
        if name is not None and service_namespace(qualified(name, resource.namespace)) is not None:
            yield host.finding(
                f"{name} is a service of the cluster, and callers would be sent elsewhere; entries "
                "are for hosts outside"
            )


def _leads_to_itself(service: Resource) -> Iterator[Finding]:
    spec, name = service["spec"], service.object_name
    if spec["type"].text() == "ExternalName":
        yield spec["type"].finding("callers of the service would be sent outside; remove it")
        return
    selector = spec["selector"]
    if not selector.unknown and selector.absent:
        yield selector.finding("whoever writes EndpointSlices would answer; select its pods")
    app = selector[APP].text()
    if app is not None and f"-{name}-" not in f"-{app}-":
        yield selector[APP].finding(f"{app} would get the requests to {name}; select its own pods")


def admission(config: Config) -> Iterator[Check]:
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
    yield Check(
        name="machines",
        kinds=(WORKLOAD_GROUP,),
        validations=(
            Validation(
                "!has(object.spec.metadata) || !has(object.spec.metadata.labels)"
                f" || !('{APP}' in object.spec.metadata.labels)",
                f"labels must not have {APP}, by which Services select their pods",
            ),
        ),
    )
    yield Check(
        name="addresses",
        kinds=(SERVICE,),
        variables={
            "known": "has(object.metadata.name) && (object.metadata.namespace + '/' +"
            f" object.metadata.name) in {listed(config.accounts)}"
        },
        validations=(
            Validation(
                "!has(object.spec.externalIPs) || object.spec.externalIPs.size() == 0",
                "externalIPs would answer for addresses of others",
            ),
            Validation(
                "!variables.known ||"
                " ((!has(object.spec.type) || object.spec.type != 'ExternalName')"
                f" && has(object.spec.selector) && (!('{APP}' in object.spec.selector)"
                f" || ('-' + object.spec.selector['{APP}'] + '-')"
                ".contains('-' + object.metadata.name + '-')))",
                "a service of the catalogue must lead to its own pods, by a selector of theirs",
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
            Validation(
                "!has(object.spec.addresses)"
                " || !object.spec.addresses.exists(a, a.matches('/[0-7]$'))",
                "addresses must not be most there are",
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
    kinds=(SERVICE_ENTRY, WORKLOAD_ENTRY, WORKLOAD_GROUP, SERVICE),
    subject=SERVICE_ENTRY,
    config=Config,
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
