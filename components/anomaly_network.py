"""Who the detector may talk to: DNS, the servers of its settings, webhooks; and nobody to it.

One policy for each purpose, so that whoever lists them sees why each way is open.
"""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

import pulumi
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
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
EVERYWHERE = ("0.0.0.0/0", "::/0")
INSIDE = {
    "0.0.0.0/0": (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
    ),
    "::/0": ("::1/128", "fc00::/7", "fe80::/10"),
}
"""Addresses that no public service has: the cluster's, its neighbours', the cloud's metadata."""

Rules = Sequence[NetworkPolicyEgressRuleArgs]


def network_policies(
    name: str, settings: Anomaly, detector: str, *, webhooks: bool, opts: pulumi.ResourceOptions
) -> list[NetworkPolicy]:
    """Register a policy that denies everything in the namespace, and one for each way out."""
    deny = NetworkPolicySpecArgs(
        pod_selector=LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
    )
    allowed = {
        purpose: NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(match_labels={NAME: detector}),
            policy_types=["Egress"],
            egress=rules,
        )
        for purpose, rules in ways(settings, webhooks=webhooks).items()
    }
    return [
        NetworkPolicy(
            f"{name}-{purpose}",
            metadata=metadata(purpose, settings.namespace, part=detector),
            spec=spec,
            opts=opts,
        )
        for purpose, spec in {"default-deny": deny, **allowed}.items()
    ]


def ways(settings: Anomaly, *, webhooks: bool) -> Mapping[str, Rules]:
    """The ways out, by the name of the policy that opens them."""
    results = settings.results
    found = {
        "allow-prometheus": [
            _to(DNS_NAMESPACE, DNS_PORT, "UDP", "TCP"),
            _to(settings.prometheus_namespace, port(settings.prometheus_url), "TCP"),
        ]
    }
    if results.remote_write:
        server = results.remote_write
        found["allow-remote-write"] = [_to(server.namespace, port(server.url), "TCP")]
    if results.alertmanager:
        urls = (results.alertmanager.url, *results.alertmanager.replicas)
        ports = dict.fromkeys(map(port, urls))
        found["allow-alertmanager"] = [
            _to(results.alertmanager.namespace, number, "TCP") for number in ports
        ]
    if webhooks:
        # Slack's and PagerDuty's addresses change, and a policy knows no names.
        found["allow-webhooks"] = [
            NetworkPolicyEgressRuleArgs(
                to=list(_blocks(INSIDE)),
                ports=[NetworkPolicyPortArgs(port=DEFAULT_PORTS["https"], protocol="TCP")],
            )
        ]
    return found


def port(url: str) -> int:
    """The port in a URL.

    It must be the port of the pods too: a policy sees packets after the Service has translated its
    own port into theirs.
    """
    parts = urlsplit(url)
    return parts.port or DEFAULT_PORTS[parts.scheme]


def _to(namespace: str | None, port: int, *protocols: str) -> NetworkPolicyEgressRuleArgs:
    """To the pods of a namespace; without one, to whoever listens there."""
    if namespace is None:
        peers = list(_blocks({}))
    else:
        selector = LabelSelectorArgs(match_labels={NAMESPACE_NAME: namespace})
        peers = [NetworkPolicyPeerArgs(namespace_selector=selector)]
    return NetworkPolicyEgressRuleArgs(
        to=peers,
        ports=[NetworkPolicyPortArgs(port=port, protocol=protocol) for protocol in protocols],
    )


def _blocks(exceptions: Mapping[str, Sequence[str]]) -> Iterator[NetworkPolicyPeerArgs]:
    for block in EVERYWHERE:
        excepted = list(exceptions.get(block, ())) or None
        yield NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=block, except_=excepted))
