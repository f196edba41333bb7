"""A namespace of catalogue services: in the mesh, and open to experiments if one of them is."""

from collections.abc import Sequence

import pulumi

from components.objects import TOKEN, namespace
from settings.catalogue import Service
from settings.mesh import Mesh
from vocabulary import labels


class MeshNamespace(pulumi.ComponentResource):
    """A namespace whose pods get a sidecar."""

    namespace: pulumi.Output[str]
    """Its name."""

    def __init__(
        self,
        name: str,
        settings: Mesh,
        services: Sequence[Service],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Register the component.

        Args:
            name: Pulumi name, and the namespace's.
            settings: The mesh.
            services: The catalogue services in it.
            opts: Pulumi options.
        """
        super().__init__(f"{TOKEN}:mesh_namespace:MeshNamespace", name, None, opts)
        revision = settings.revision_of(name)
        injection = {labels.REVISION: revision} if revision else {labels.INJECTION: "enabled"}
        experiments = any(service.chaos for service in services)
        namespace(
            name,
            pulumi.ResourceOptions(parent=self),
            labels={
                **injection,
                labels.POD_SECURITY: settings.pod_security,
                # Said about workloads as they are written, before a sidecar is added.
                labels.POD_SECURITY_WARN: "restricted",
            },
            annotations={labels.CHAOS_INJECT: "enabled"} if experiments else None,
        )
        self.namespace = pulumi.Output.from_input(name)
        self.register_outputs({"namespace": self.namespace})
