"""CoreDNS: the names of Services; every other name does not exist, as there is no way out."""

from typing import Any

from sandbox.node.addresses import DNS_SERVICE, DOMAIN
from sandbox.toolchain.cluster import COREDNS

NAME = "coredns"
NAMESPACE = "kube-system"
IMAGE = f"localhost/coredns:{COREDNS.version}"
_USER = 65532
_ROLE = "system:coredns"
_LABELS = {"k8s-app": "kube-dns"}
_ZONES = f"{DOMAIN} in-addr.arpa ip6.arpa"
_COREFILE = f"""\
{_ZONES} {{
    errors
    health
    ready
    kubernetes {_ZONES} {{
        pods insecure
        ttl 5
    }}
    prometheus :9153
    cache 5
}}
. {{
    template ANY ANY . {{
        rcode NXDOMAIN
    }}
}}
"""
"""`template` in the same block would answer before `kubernetes` is asked."""


def objects() -> list[dict[str, Any]]:
    """Everything that makes up the cluster's DNS."""
    return [*_account(), _configuration(), _deployment(), _service()]


def _account() -> list[dict[str, Any]]:
    account = {"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}
    read = [
        {
            "apiGroups": [""],
            "resources": ["endpoints", "services", "pods", "namespaces"],
            "verbs": ["list", "watch"],
        },
        {
            "apiGroups": ["discovery.k8s.io"],
            "resources": ["endpointslices"],
            "verbs": ["list", "watch"],
        },
    ]
    rbac = "rbac.authorization.k8s.io"
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": _metadata()},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": _ROLE},
            "rules": read,
        },
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": _ROLE},
            "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": _ROLE},
            "subjects": [account],
        },
    ]


def _configuration() -> dict[str, Any]:
    data = {"Corefile": _COREFILE}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _metadata(), "data": data}


def _deployment() -> dict[str, Any]:
    container = {
        "name": NAME,
        "image": IMAGE,
        "imagePullPolicy": "IfNotPresent",
        "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": [
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
            {"name": "metrics", "containerPort": 9153, "protocol": "TCP"},
        ],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 2},
        "livenessProbe": {"httpGet": {"path": "/health", "port": 8080}},
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns", "readOnly": True}],
    }
    pod = {
        "serviceAccountName": NAME,
        "priorityClassName": "system-cluster-critical",
        "dnsPolicy": "Default",
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": _USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": NAME}}],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": _metadata(),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": _LABELS},
            "template": {"metadata": {"labels": _LABELS}, "spec": pod},
        },
    }


def _service() -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "kube-dns", "namespace": NAMESPACE, "labels": _LABELS},
        "spec": {
            "clusterIP": DNS_SERVICE,
            "selector": _LABELS,
            "ports": [
                {"name": "dns", "port": 53, "protocol": "UDP"},
                {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
                {"name": "metrics", "port": 9153, "protocol": "TCP"},
            ],
        },
    }


def _metadata() -> dict[str, Any]:
    return {"name": NAME, "namespace": NAMESPACE, "labels": _LABELS}
