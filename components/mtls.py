"""Mutual TLS: whether workloads take plain text."""

from collections.abc import Sequence

import pulumi

from components.objects import TOKEN, custom_resource, metadata
from settings.catalogue import PlainText, Service
from settings.mesh import Mesh
from vocabulary import labels
from vocabulary.kinds import PEER_AUTHENTICATION


class MutualTls(pulumi.ComponentResource):
    """The PeerAuthentication `default-mtls`, mesh-wide and in every namespace of services.

    Mesh-wide, so that a namespace added by other means is never in plain text; only where the
    stack installs Istio, because another's mesh is not ours to close. In every namespace too,
    because the nearest one counts: weakening the mesh-wide one does not weaken the services.

    And `<service>-plain-text` for each service that has opted out, of its ports alone.
    """

    mode: pulumi.Output[str]
    """STRICT or PERMISSIVE."""

    def __init__(
        self,
        name: str,
        settings: Mesh,
        services: Sequence[Service],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the component.

        Args:
            name: Pulumi name.
            settings: The mesh.
            services: The catalogue.
            opts: Pulumi options.
        """
        super().__init__(f"{TOKEN}:mtls:MutualTls", name, None, opts)
        mode = settings.mtls.mode
        mesh_wide = [settings.namespace] if settings.install else []
        for scope in (*mesh_wide, *dict.fromkeys(service.namespace for service in services)):
            custom_resource(
                f"{name}-{scope}",
                PEER_AUTHENTICATION,
                metadata("default-mtls", scope, part="mesh"),
                {"mtls": {"mode": mode}},
                pulumi.ResourceOptions(parent=self),
            )
        for service in services:
            if service.plain_text:
                self._opt_out(name, service, service.plain_text, mode)
        self.mode = pulumi.Output.from_input(mode)
        self.register_outputs({"mode": self.mode})

    def _opt_out(self, name: str, service: Service, plain: PlainText, mode: str) -> None:
        custom_resource(
            f"{name}-{service.name}-plain-text",
            PEER_AUTHENTICATION,
            metadata(
                f"{service.name}-plain-text",
                service.namespace,
                part="mesh",
                labels={labels.TARGET: service.name},
                annotations={
                    labels.PLAIN_TEXT_UNTIL: plain.until.isoformat(),
                    labels.PLAIN_TEXT_REASON: plain.reason,
                },
            ),
            {
                "selector": {"matchLabels": {labels.APP: service.name}},
                "mtls": {"mode": mode},
                # Not DISABLE: callers in the mesh keep their mutual TLS.
                "portLevelMtls": {
                    str(port.listening): {"mode": "PERMISSIVE"} for port in service.plain_ports
                },
            },
            pulumi.ResourceOptions(parent=self),
        )
