"""Chaos Mesh itself: its namespace, its Helm release with safe values, and who may reach it.

Experiments depend on this component, so that they are destroyed, and their faults undone, while
the controller that undoes them still runs.
"""

from typing import Any

import pulumi
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicy,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

from components.objects import TOKEN, metadata, namespace
from components.release import release
from settings.chaos import Chaos
from vocabulary.labels import INJECTION, POD_SECURITY

PAUSE_IMAGE = "registry.k8s.io/pause:3.10.1"
"""What a failed pod runs; the chart's own default lies in a registry that is frozen."""

VALUES: dict[str, Any] = {
    # CRON_TZ stands in every schedule; this is for whatever people add by hand.
    "timezone": "UTC",
    "enableProfiling": False,
    "controllerManager": {
        # Experiments act only in namespaces that carry the annotation chaos-mesh.org/inject.
        "enableFilterNamespace": True,
        "allowHostNetworkTesting": False,
        "leaderElection": {"enabled": True},
        "podChaos": {"podFailure": {"pauseImage": PAUSE_IMAGE}},
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
    },
    "chaosDaemon": {
        # The chart then grants the capabilities that it lists instead of everything.
        "privileged": False,
        "runtime": "containerd",
        "socketPath": "/run/containerd/containerd.sock",
        "mtls": {"enabled": True},
    },
    "dashboard": {
        # False would also switch off the check of kubectl users' rights at admission.
        "securityMode": True,
        "service": {"type": "ClusterIP"},
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
    },
    "webhook": {"FailurePolicy": "Fail"},
    # Not needed by any fault that the platform offers.
    "prometheus": {"create": False},
    "bpfki": {"create": False},
    "chaosDlv": {"enable": False},
}
"""Chart values that differ from the chart's own, or that must not follow when those change."""

COMPONENT = "app.kubernetes.io/component"
DAEMON, MANAGER, DASHBOARD = "chaos-daemon", "controller-manager", "chaos-dashboard"
OPEN_PORTS = {
    MANAGER: (10250, 10080),  # admission webhooks, called by the API server; metrics
    DAEMON: (31766,),  # metrics
    DASHBOARD: (2334,),  # metrics; the dashboard itself is reached by kubectl port-forward
}
DAEMON_COMMANDS = 31767


class ChaosInstall(pulumi.ComponentResource):
    """Chaos Mesh, installed."""

    namespace: pulumi.Output[str]
    """Where it runs, whoever installed it."""

    def __init__(
        self, name: str, settings: Chaos, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(f"{TOKEN}:chaos_install:ChaosInstall", name, None, opts)
        if settings.install:
            self._install(name, settings)
        self.namespace = pulumi.Output.from_input(settings.namespace)
        self.register_outputs({"namespace": self.namespace})

    def _install(self, name: str, settings: Chaos) -> None:
        home = namespace(
            settings.namespace,
            pulumi.ResourceOptions(parent=self),
            # The daemon needs the host's process namespace and runtime socket.
            labels={POD_SECURITY: "privileged", INJECTION: "disabled"},
        )
        policies = self._network_policies(name, settings.namespace, home)
        release(
            "chaos-mesh",
            settings.chart,
            settings.namespace,
            {**VALUES, "dnsServer": {"create": _looks_up_names(settings)}},
            pulumi.ResourceOptions(parent=self, depends_on=[home, *policies]),
        )

    def _network_policies(
        self, name: str, home: str, owner: pulumi.Resource
    ) -> list[NetworkPolicy]:
        """Only the controller may command the daemons, which can do anything to a node's pods."""
        rules = {part: [_rule(*ports)] for part, ports in OPEN_PORTS.items()}
        rules[DAEMON].append(_rule(DAEMON_COMMANDS, caller=MANAGER))
        opts = pulumi.ResourceOptions(parent=self, depends_on=[owner])
        return [
            NetworkPolicy(
                f"{name}-{part}",
                metadata=metadata(part, home, part="chaos"),
                spec=NetworkPolicySpecArgs(
                    pod_selector=LabelSelectorArgs(match_labels={COMPONENT: part}),
                    policy_types=["Ingress"],
                    ingress=ingress,
                ),
                opts=opts,
            )
            for part, ingress in rules.items()
        ]


def _looks_up_names(settings: Chaos) -> bool:
    """Whether a fault needs the DNS server that gives wrong answers; nobody else does."""
    return any(step.kind == "dnsError" for each in settings.recurring for step in each.steps)


def _rule(*ports: int, caller: str | None = None) -> NetworkPolicyIngressRuleArgs:
    callers = [
        NetworkPolicyPeerArgs(pod_selector=LabelSelectorArgs(match_labels={COMPONENT: part}))
        for part in (caller,)
        if part
    ]
    return NetworkPolicyIngressRuleArgs(
        from_=callers or None,
        ports=[NetworkPolicyPortArgs(port=port, protocol="TCP") for port in ports],
    )
