"""Routes and rules of the mesh are about hosts of their own namespace."""

from collections.abc import Iterator

from policy.cel import Check, Reach, Validation
from policy.config import RuleConfig
from policy.findings import Finding
from policy.mesh import SUFFIX, service_namespace
from policy.resources import Field, Resource
from policy.rule import CRITICAL, ResourceRule
from vocabulary.kinds import DESTINATION_RULE, SERVICE_ENTRY, VIRTUAL_SERVICE

INSIDE = f".x{SUFFIX}"
"""The end of any service's host; a wildcard that it ends with catches services."""


def check(resource: Resource, _: RuleConfig) -> Iterator[Finding]:
    """No host belongs to a service of another namespace, and no wildcard catches services."""
    if _bound_to_gateways(resource):
        return
    spec = resource["spec"]
    for place in [spec["host"]] if resource.is_a(DESTINATION_RULE) else spec["hosts"].items():
        host = place.text()
        if host is None:
            continue
        home = service_namespace(host)
        if home is not None and resource.namespace not in (home, None):
            yield place.finding(
                f"{host} is a service of namespace {home}: all callers in the mesh would follow an "
                f"object of {resource.namespace}; write it in {home}"
            )
        elif host.startswith("*") and INSIDE.endswith(host[1:]):
            yield place.finding(f"{host} catches services of every namespace; name the host")


def _bound_to_gateways(resource: Resource) -> bool:
    """Whether only gateways follow it."""
    gateways: Field = resource["spec"]["gateways"]
    return bool(gateways.items()) and "mesh" not in gateways.texts()


def admission(_: RuleConfig) -> Iterator[Check]:
    """For the API server: what is elsewhere must leave the catalogue's hosts alone."""
    foreign = (
        "variables.hosts.exists(h, variables.catalogue.exists(n, n != object.metadata.namespace &&"
        " (h.endsWith('.' + n) || h.endsWith('.' + n + '.svc')"
        f" || h.endsWith('.' + n + '{SUFFIX}'))))"
    )
    catching = (
        f"variables.hosts.exists(h, h.startsWith('*') && '{INSIDE}'.endsWith(h.substring(1)))"
    )
    # A rule for many hosts holds for callers of its own namespace; in the root one, for all.
    widely = f"{catching} && (object.kind != 'DestinationRule' || {_ROOT})"
    yield Check(
        kinds=(VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE_ENTRY),
        variables={
            "fields": "dyn(object.spec)",
            "hosts": (
                "has(variables.fields.gateways) && variables.fields.gateways.size() > 0 &&"
                " !('mesh' in variables.fields.gateways) ||"
                " has(variables.fields.exportTo) && variables.fields.exportTo == ['.'] ? dyn([]) :"
                " has(variables.fields.host) ? dyn([variables.fields.host]) :"
                " has(variables.fields.hosts) ? variables.fields.hosts : dyn([])"
            ),
            "foreign": foreign,
            "wide": widely,
        },
        validations=(
            Validation(
                "!variables.foreign",
                "the host is a service of another namespace; write the object there",
            ),
            Validation("!variables.wide", "the host catches services of every namespace; name it"),
        ),
        reach=Reach(
            "variables.foreign || variables.wide",
            "routes and rules about the catalogue's hosts, or about all hosts",
        ),
    )


_ROOT = "object.metadata.namespace == variables.root"

RULE = ResourceRule(
    id="mesh-own-hosts",
    severity=CRITICAL,
    summary="Routes and rules of the mesh are about hosts of their own namespace.",
    reason="Callers in the whole mesh follow a VirtualService or ServiceEntry of any namespace: "
    "one line elsewhere takes a service's requests away, or its mutual TLS.",
    fix="Write the object in the namespace of the service, or limit it with exportTo: [.] to "
    "callers of its own.",
    kinds=(VIRTUAL_SERVICE, DESTINATION_RULE, SERVICE_ENTRY),
    check=check,
    admission=admission,
    example="""\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: api, namespace: brisa}
spec:
  hosts: [api.brisa.svc.cluster.local]
  http:
    - route:
        - destination: {host: api.brisa.svc.cluster.local}
""",
)
