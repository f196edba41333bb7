"""The way in: a gateway, and the routes of the services that are reached from outside.

What a VirtualService says at a gateway of Istio's own kind is `components.service_route`'s concern;
who may call is `components.access`'s.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pulumi

from components.objects import TOKEN, custom_resource, metadata, namespace
from settings.catalogue import Service
from settings.ingress import IngressTls, ServiceIngress
from settings.mesh import Mesh
from vocabulary import labels
from vocabulary.kinds import CERTIFICATE, GATEWAY, GATEWAY_CLASS, HTTP_ROUTE, INGRESS

_PART = "mesh"
MOVED_PERMANENTLY = 301
_PLAIN = "http"
"""Listener of the hosts without a certificate."""


class Ingress(pulumi.ComponentResource):
    """Gateway, HTTPRoutes or Ingresses, and certificates; nothing where nobody asks for it."""

    hosts: pulumi.Output[dict[str, list[str]]]
    """Host names by which each service is reached from outside."""

    def __init__(
        self,
        name: str,
        settings: Mesh,
        services: Sequence[Service],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"{TOKEN}:ingress:Ingress", name, None, opts)
        self._name, self._settings = name, settings
        entered = {item: item.ingress for item in services if item.ingress}
        child = pulumi.ResourceOptions(parent=self)
        needed: list[pulumi.Resource] = []
        if entered and settings.ingress.kind == "gatewayApi" and settings.ingress.install:
            needed.append(self._gateway(entered))
        for service, ingress in entered.items():
            self._certificate(service, ingress, child)
            if settings.ingress.kind == "gatewayApi":
                after = pulumi.ResourceOptions(parent=self, depends_on=needed)
                self._route(service, ingress, after)
            elif settings.ingress.kind == "controller":
                self._ingress(service, ingress, child)
        hosts = {service.name: [*ingress.hosts] for service, ingress in entered.items()}
        self.hosts = pulumi.Output.from_input(hosts)
        self.register_outputs({"hosts": self.hosts})

    def _gateway(self, entered: Mapping[Service, ServiceIngress]) -> pulumi.Resource:
        gateway = self._settings.ingress
        home = namespace(
            gateway.namespace,
            pulumi.ResourceOptions(parent=self),
            labels={labels.POD_SECURITY: "baseline"},
        )
        revision = self._settings.revision
        return custom_resource(
            f"{self._name}-gateway",
            GATEWAY,
            metadata(
                gateway.name,
                gateway.namespace,
                part=_PART,
                labels={labels.REVISION: revision} if revision else None,
                # Else istiod would add its class to both, and access rules name the account.
                annotations={
                    labels.GATEWAY_NAME: gateway.name,
                    labels.GATEWAY_ACCOUNT: gateway.service_account,
                },
            ),
            gateway_spec(entered),
            pulumi.ResourceOptions(parent=self, depends_on=[home]),
        )

    def _route(
        self, service: Service, ingress: ServiceIngress, opts: pulumi.ResourceOptions
    ) -> None:
        custom_resource(
            f"{self._name}-{service.name}-route",
            HTTP_ROUTE,
            metadata(
                service.name,
                service.namespace,
                part=_PART,
                labels={labels.TARGET: service.name},
            ),
            http_route_spec(service, ingress, self._settings),
            opts,
        )
        if ingress.https_redirect:
            name = f"{service.name}-redirect"
            custom_resource(
                f"{self._name}-{name}",
                HTTP_ROUTE,
                metadata(name, service.namespace, part=_PART, labels={labels.TARGET: service.name}),
                redirect_spec(ingress, self._settings),
                opts,
            )

    def _ingress(
        self, service: Service, ingress: ServiceIngress, opts: pulumi.ResourceOptions
    ) -> None:
        given = self._settings.ingress.annotations
        custom_resource(
            f"{self._name}-{service.name}-ingress",
            INGRESS,
            metadata(
                service.name,
                service.namespace,
                part=_PART,
                labels={labels.TARGET: service.name},
                annotations={
                    **{key: value.replace("{host}", service.host) for key, value in given.items()},
                    # Its address comes when its controller runs and its pods are ready.
                    labels.SKIP_AWAIT: "true",
                },
            ),
            ingress_spec(service, ingress, self._settings.ingress.name),
            opts,
        )

    def _certificate(
        self, service: Service, ingress: ServiceIngress, opts: pulumi.ResourceOptions
    ) -> None:
        if not (ingress.tls and ingress.tls.issuer):
            return
        gateway = self._settings.ingress
        home = service.namespace if gateway.kind == "controller" else gateway.namespace
        custom_resource(
            f"{self._name}-{service.name}-certificate",
            CERTIFICATE,
            metadata(ingress.tls.secret_name, home, part=_PART),
            {
                "secretName": ingress.tls.secret_name,
                "dnsNames": [*ingress.hosts],
                "issuerRef": {
                    "group": CERTIFICATE.group,
                    "kind": ingress.tls.issuer.kind,
                    "name": ingress.tls.issuer.name,
                },
            },
            opts,
        )


def gateway_spec(entered: Mapping[Service, ServiceIngress]) -> dict[str, Any]:
    """The Gateway's `spec`: one listener for plain HTTP, one for each host with a certificate."""
    homes = sorted({service.namespace for service in entered})
    allowed = {
        "namespaces": {
            "from": "Selector",
            "selector": {
                "matchExpressions": [
                    {"key": labels.NAMESPACE_NAME, "operator": "In", "values": homes}
                ]
            },
        }
    }
    plain = {"name": _PLAIN, "port": 80, "protocol": "HTTP", "allowedRoutes": allowed}
    secured = [
        {
            "name": listener,
            "hostname": host,
            "port": 443,
            "protocol": "HTTPS",
            "tls": {
                "mode": "Terminate",
                "certificateRefs": [{"kind": "Secret", "name": ingress.tls.secret_name}],
            },
            "allowedRoutes": allowed,
        }
        for service, ingress in entered.items()
        if ingress.tls
        for listener, host in _listeners(service, ingress).items()
    ]
    return {"gatewayClassName": GATEWAY_CLASS, "listeners": [plain, *secured]}


def http_route_spec(service: Service, ingress: ServiceIngress, settings: Mesh) -> dict[str, Any]:
    """The HTTPRoute's `spec`.

    Without `retry`, which Gateway API has from 1.7 on and for which Istio has conditions of its
    own: it tries twice again what no server has begun with.
    """
    listeners = [*_listeners(service, ingress)] if ingress.tls else [_PLAIN]
    rule: dict[str, Any] = {"backendRefs": [{"name": service.name, "port": service.port}]}
    if service.route.timeout:
        rule["timeouts"] = {"request": _duration(service.route.timeout)}
    parents = _parents(settings, listeners)
    return {"parentRefs": parents, "hostnames": [*ingress.hosts], "rules": [rule]}


def redirect_spec(ingress: ServiceIngress, settings: Mesh) -> dict[str, Any]:
    """The `spec` of the HTTPRoute that sends callers from HTTP on to HTTPS."""
    away = {
        "type": "RequestRedirect",
        "requestRedirect": {"scheme": "https", "statusCode": MOVED_PERMANENTLY},
    }
    return {
        "parentRefs": _parents(settings, [_PLAIN]),
        "hostnames": [*ingress.hosts],
        "rules": [{"filters": [away]}],
    }


def _parents(settings: Mesh, listeners: Sequence[str]) -> list[dict[str, Any]]:
    gateway = settings.ingress
    parent = {"kind": GATEWAY.kind, "name": gateway.name, "namespace": gateway.namespace}
    if not gateway.install:
        return [parent]  # another's listeners have names that we do not know
    return [{**parent, "sectionName": each} for each in listeners]


def ingress_spec(service: Service, ingress: ServiceIngress, ingress_class: str) -> dict[str, Any]:
    """The Ingress' `spec`."""
    backend = {"service": {"name": service.name, "port": {"number": service.port}}}
    paths = [{"path": "/", "pathType": "Prefix", "backend": backend}]
    spec: dict[str, Any] = {
        "ingressClassName": ingress_class,
        "rules": [{"host": host, "http": {"paths": paths}} for host in ingress.hosts],
    }
    if ingress.tls:
        spec["tls"] = [_tls(ingress.tls, ingress.hosts)]
    return spec


def _tls(tls: IngressTls, hosts: Sequence[str]) -> dict[str, Any]:
    return {"hosts": [*hosts], "secretName": tls.secret_name}


def _listeners(service: Service, ingress: ServiceIngress) -> dict[str, str]:
    """Names of a service's own listeners, and the host of each."""
    return {f"{service.name}-{place}": host for place, host in enumerate(ingress.hosts)}


def _duration(limit: timedelta) -> str:
    """As Gateway API writes it: whole numbers, and no more than four of them."""
    seconds, rest = divmod(round(limit.total_seconds() * 1000), 1000)
    return f"{seconds}s{rest}ms" if rest else f"{seconds}s"
