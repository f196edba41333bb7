"""One configured provider instance: what every operation needs."""

import threading
from dataclasses import dataclass

from sandbox.engine.kubernetes import kubeconfig
from sandbox.engine.kubernetes.client import ApiClient, Request
from sandbox.engine.kubernetes.cluster import Cluster
from sandbox.engine.kubernetes.discovery import Discovery, NoDiscovery
from sandbox.engine.kubernetes.enginelog import EngineLog
from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.kubeconfig import Access
from sandbox.engine.kubernetes.openapi import OpenApi
from sandbox.engine.kubernetes.options import Options

_SETUP_GUIDE = "https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/"


@dataclass(frozen=True)
class Instance:
    """Options and cluster of one provider instance."""

    options: Options
    """How it behaves."""
    access: Access | None
    """Which API server it uses; ``None`` when the kubeconfig cannot be used."""
    reachable: Cluster | None
    """The cluster; ``None`` when it cannot be reached, which previews tolerate."""
    unreachable_reason: str
    """Why the cluster cannot be reached."""
    discovery: Discovery
    """What is known of kinds, also without a cluster."""
    schemas: OpenApi | None
    """The schemas of the built-in kinds; ``None`` without a cluster."""
    log: EngineLog
    """Messages to the user."""
    cancelled: threading.Event
    """Set when the user gives up."""

    @property
    def default_namespace(self) -> str:
        """The namespace for objects that name none."""
        return self.access.namespace if self.access else self.options.namespace

    @property
    def cluster(self) -> Cluster:
        """The cluster.

        Raises:
            ProviderError: It cannot be reached.
        """
        if self.reachable is None:
            raise ProviderError(
                f"configured Kubernetes cluster is unreachable: {self.unreachable_reason}"
            )
        return self.reachable


def configure(options: Options, log: EngineLog, cancelled: threading.Event) -> Instance:
    """Connect a provider instance; a cluster that cannot be reached is noted, not an error."""
    access: Access | None = None
    reachable: Cluster | None = None
    reason = ""
    try:
        access = _access(options)
        client = ApiClient(access, cancelled, timeout_seconds=options.timeout_seconds)
        client.send(Request("GET", "/openapi/v3"), repeat=False)
        reachable = Cluster(client, Discovery(client))
    except ProviderError as error:
        if access is None:
            reason = str(error)
        else:
            reason = f"unable to load schema information from the API server: {error}"
    return Instance(
        options=options,
        access=access,
        reachable=reachable,
        unreachable_reason=reason,
        discovery=reachable.discovery if reachable else NoDiscovery(),
        schemas=OpenApi(reachable.client) if reachable else None,
        log=log,
        cancelled=cancelled,
    )


def _access(options: Options) -> Access:
    try:
        given = kubeconfig.parse(options.kubeconfig) if options.kubeconfig else None
    except ProviderError as error:
        raise ProviderError(
            f"failed to parse kubeconfig data in `kubernetes:config:kubeconfig`- {error}"
        ) from None
    try:
        return kubeconfig.resolve(
            given or kubeconfig.ambient(),
            context=options.context,
            cluster=options.cluster,
            namespace=options.namespace,
        )
    except ProviderError as error:
        raise ProviderError(
            "unable to load Kubernetes client configuration from kubeconfig file. Make sure you "
            f"have: \n\n \t • set up the provider as per {_SETUP_GUIDE} \n\n {error}"
        ) from None
