"""Who may call whom: nobody, but for what the catalogue's `callers` say; proxies know no others."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from components.objects import TOKEN, custom_resource, metadata
from settings.catalogue import INGRESS, ExternalCaller, Service
from settings.mesh import Mesh
from vocabulary import labels
from vocabulary.kinds import AUTHORIZATION_POLICY, SIDECAR

_PART = "mesh"


class AccessControl(pulumi.ComponentResource):
    """AuthorizationPolicies, one per called service and a default deny per namespace; Sidecars."""

    callers: pulumi.Output[dict[str, list[str]]]
    """Who may call each service; empty when nothing is denied."""

    def __init__(
        self,
        name: str,
        settings: Mesh,
        services: Sequence[Service],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TOKEN}:access:AccessControl", name, None, opts)
        guarded = services if settings.default_deny else ()
        identities = principals(settings, services)
        permissions: dict[str, list[CustomResource]] = {item.namespace: [] for item in guarded}
        for service in guarded:
            # Without callers there is nothing to allow.
            if service.admitted or service.external_callers or service.plain_text:
                allowed = self._allow(name, service, settings, identities)
                permissions[service.namespace].append(allowed)
        for namespace, allowed_there in permissions.items():
            custom_resource(
                f"{name}-{namespace}-default-deny",
                AUTHORIZATION_POLICY,
                metadata("default-deny", namespace, part=_PART),
                {},  # allows what matches one of no rules: nothing
                # Closed after the doors are in place, and opened before they are taken out.
                pulumi.ResourceOptions(parent=self, depends_on=allowed_there),
            )
        for namespace, hosts in known_hosts(settings, services).items():
            custom_resource(
                f"{name}-{namespace}-sidecar",
                SIDECAR,
                metadata("default", namespace, part=_PART),
                {"egress": [{"hosts": hosts}]},
                pulumi.ResourceOptions(parent=self),
            )
        self.callers = pulumi.Output.from_input({item.name: _callers(item) for item in guarded})
        self.register_outputs({"callers": self.callers})

    def _allow(
        self, name: str, service: Service, settings: Mesh, identities: Mapping[str, str]
    ) -> CustomResource:
        return custom_resource(
            f"{name}-{service.name}-callers",
            AUTHORIZATION_POLICY,
            metadata(
                f"{service.name}-callers",
                service.namespace,
                part=_PART,
                labels={labels.TARGET: service.name},
            ),
            allow_spec(service, identities, settings.trust_domain),
            pulumi.ResourceOptions(parent=self),
        )


def _callers(service: Service) -> list[str]:
    others = [
        f"{each.namespace}/{each.service_account or '*'}" for each in service.external_callers
    ]
    networks = service.plain_text.sources if service.plain_text else ()
    return [*service.admitted, *others, *networks]


def principals(settings: Mesh, services: Sequence[Service]) -> dict[str, str]:
    """The mesh identity of every possible caller, by the name the catalogue calls it."""
    accounts = {INGRESS: (settings.ingress.namespace, settings.ingress.service_account)}
    accounts |= {service.name: (service.namespace, service.identity) for service in services}
    return {
        caller: f"{settings.trust_domain}/ns/{namespace}/sa/{account}"
        for caller, (namespace, account) in accounts.items()
    }


def known_hosts(settings: Mesh, services: Sequence[Service]) -> dict[str, list[str]]:
    """What the proxies of each namespace know, where they do not know everything."""
    if not settings.catalogue_only:
        return {}
    homes = {service.name: service.namespace for service in services}
    found: dict[str, set[str]] = {namespace: set() for namespace in homes.values()}
    for namespace, hosts in found.items():
        hosts |= {f"{settings.namespace}/*", *settings.reachable}
        if settings.telemetry.tracing and (home := _namespace(settings.telemetry.collector)):
            hosts.add(f"{home}/{settings.telemetry.collector}")
        if not settings.default_deny:  # then neighbours outside the catalogue may be called
            hosts.add(f"{namespace}/*")
    for service in services:
        for caller in service.callers:
            if caller in homes:
                found[homes[caller]].add(f"{service.namespace}/{service.host}")
        for other in service.external_callers:
            if other.namespace in found:
                found[other.namespace].add(f"{service.namespace}/{service.host}")
    return {namespace: sorted(hosts) for namespace, hosts in found.items()}


def _namespace(host: str) -> str | None:
    """The namespace of a service's full name."""
    parts = host.split(".")
    return parts[1] if host.endswith(".svc.cluster.local") else None


def allow_spec(
    service: Service, identities: Mapping[str, str], trust_domain: str
) -> dict[str, Any]:
    """The `spec` of the policy that lets a service's callers in, and nobody else."""
    everywhere = tuple(each.port for each in service.ports)
    known = sorted({identities[caller] for caller in service.admitted})
    sources: dict[tuple[int, ...], list[dict[str, Any]]] = {}
    if known:
        sources[everywhere] = [{"source": {"principals": known}}]
    for other in service.external_callers:
        source = _source(other, trust_domain)
        sources.setdefault(other.ports or everywhere, []).append({"source": source})
    if service.plain_text:
        plain = tuple(each.port for each in service.plain_ports)
        # Who has a certificate is known by that, wherever it is.
        source = {"ipBlocks": [*service.plain_text.sources], "notPrincipals": ["*"]}
        sources.setdefault(plain, []).append({"source": source})
    listening = {each.port: str(each.listening) for each in service.ports}
    return {
        "selector": {"matchLabels": {labels.APP: service.name}},
        "action": "ALLOW",
        "rules": [
            {
                "from": callers,
                "to": [{"operation": {"ports": [listening[port] for port in ports]}}],
            }
            for ports, callers in sources.items()
        ],
    }


def _source(caller: ExternalCaller, trust_domain: str) -> dict[str, list[str]]:
    if caller.service_account is None:
        return {"namespaces": [caller.namespace]}
    return {"principals": [f"{trust_domain}/ns/{caller.namespace}/sa/{caller.service_account}"]}
