"""Who the detector may talk to: the cluster's DNS and Prometheus, and nobody to it."""

from urllib.parse import urlsplit

import pulumi
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicy,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

from components.objects import metadata
from settings.anomaly import Anomaly
from vocabulary.labels import NAME

NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""Label that Kubernetes itself puts on every namespace."""

DNS_NAMESPACE = "kube-system"
DNS_PORT = 53
DEFAULT_PORTS = {"http": 80, "https": 443}


def network_policies(
    name: str, settings: Anomaly, detector: str, opts: pulumi.ResourceOptions
) -> list[NetworkPolicy]:
    """Register a policy that denies everything in the namespace, and one that opens two ways."""
    deny = NetworkPolicySpecArgs(
        pod_selector=LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
    )
    allow = NetworkPolicySpecArgs(
        pod_selector=LabelSelectorArgs(match_labels={NAME: detector}),
        policy_types=["Egress"],
        egress=[
            _to(DNS_NAMESPACE, DNS_PORT, "UDP", "TCP"),
            _to(settings.prometheus_namespace, prometheus_port(settings), "TCP"),
        ],
    )
    return [
        NetworkPolicy(
            f"{name}-{purpose}",
            metadata=metadata(purpose, settings.namespace, part=detector),
            spec=spec,
            opts=opts,
        )
        for purpose, spec in (("default-deny", deny), ("allow-prometheus", allow))
    ]


def prometheus_port(settings: Anomaly) -> int:
    """The port in the URL.

    It must be the port of Prometheus' pods too: a policy sees packets after the Service has
    translated its own port into theirs.
    """
    url = urlsplit(settings.prometheus_url)
    return url.port or DEFAULT_PORTS[url.scheme]


def _to(namespace: str, port: int, *protocols: str) -> NetworkPolicyEgressRuleArgs:
    peer = LabelSelectorArgs(match_labels={NAMESPACE_NAME: namespace})
    return NetworkPolicyEgressRuleArgs(
        to=[NetworkPolicyPeerArgs(namespace_selector=peer)],
        ports=[NetworkPolicyPortArgs(port=port, protocol=protocol) for protocol in protocols],
    )
