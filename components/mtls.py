"""Mutual TLS: whether workloads take plain text."""

from collections.abc import Sequence

import pulumi

from components.objects import TOKEN, custom_resource, metadata
from settings.mesh import Mesh
from vocabulary.kinds import PEER_AUTHENTICATION


class MutualTls(pulumi.ComponentResource):
    """The PeerAuthentication `default-mtls`, mesh-wide and in every namespace of services.

    Mesh-wide, so that a namespace added by other means is never in plain text; only where the
    stack installs Istio, because another's mesh is not ours to close. In every namespace too,
    because the nearest one counts: weakening the mesh-wide one does not weaken the services.
    """

    mode: pulumi.Output[str]
    """STRICT or PERMISSIVE."""

    def __init__(
        self,
        name: str,
        settings: Mesh,
        namespaces: Sequence[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the component.

        Args:
            name: Pulumi name.
            settings: The mesh.
            namespaces: The services' namespaces.
            opts: Pulumi options.
        """
        super().__init__(f"{TOKEN}:mtls:MutualTls", name, None, opts)
        mode = settings.mtls.mode
        mesh_wide = [settings.namespace] if settings.install else []
        for scope in (*mesh_wide, *namespaces):
            custom_resource(
                f"{name}-{scope}",
                PEER_AUTHENTICATION,
                metadata("default-mtls", scope, part="mesh"),
                {"mtls": {"mode": mode}},
                pulumi.ResourceOptions(parent=self),
            )
        self.mode = pulumi.Output.from_input(mode)
        self.register_outputs({"mode": self.mode})
