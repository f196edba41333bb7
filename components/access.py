"""Who may call whom: nobody, but for what the catalogue's `callers` say."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource

from components.objects import TOKEN, custom_resource, metadata
from settings.catalogue import INGRESS, Service
from settings.mesh import Mesh
from vocabulary import labels
from vocabulary.kinds import AUTHORIZATION_POLICY

_PART = "mesh"


class AccessControl(pulumi.ComponentResource):
    """AuthorizationPolicies: one per called service, and a default deny per namespace."""

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
            if service.callers:
                allowed = self._allow(name, service, identities)
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
        self.callers = pulumi.Output.from_input({item.name: [*item.callers] for item in guarded})
        self.register_outputs({"callers": self.callers})

    def _allow(self, name: str, service: Service, identities: Mapping[str, str]) -> CustomResource:
        return custom_resource(
            f"{name}-{service.name}-callers",
            AUTHORIZATION_POLICY,
            metadata(
                f"{service.name}-callers",
                service.namespace,
                part=_PART,
                labels={labels.TARGET: service.name},
            ),
            allow_spec(service, identities),
            pulumi.ResourceOptions(parent=self),
        )


def principals(settings: Mesh, services: Sequence[Service]) -> dict[str, str]:
    """The mesh identity of every possible caller, by the name the catalogue calls it."""
    accounts = {INGRESS: (settings.ingress.namespace, settings.ingress.service_account)}
    accounts |= {service.name: (service.namespace, service.identity) for service in services}
    return {
        caller: f"{settings.trust_domain}/ns/{namespace}/sa/{account}"
        for caller, (namespace, account) in accounts.items()
    }


def allow_spec(service: Service, identities: Mapping[str, str]) -> dict[str, Any]:
    """The `spec` of the policy that lets a service's callers in, and nobody else."""
    sources = sorted({identities[caller] for caller in service.callers})
    return {
        "selector": {"matchLabels": {labels.APP: service.name}},
        "action": "ALLOW",
        "rules": [
            {
                "from": [{"source": {"principals": sources}}],
                "to": [{"operation": {"ports": [str(service.listening_port)]}}],
            }
        ],
    }
