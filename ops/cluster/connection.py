"""From a kubeconfig to a connection: whose cluster, and who we are there."""

import os
from pathlib import Path

import yaml
from kubernetes.client import ApiClient, Configuration
from kubernetes.config import (
    ConfigException,
    list_kube_config_contexts,
    load_incluster_config,
    load_kube_config,
)

from ops.cluster.api import Cluster
from ops.errors import NoClusterError

DEFAULT_KUBECONFIG = "~/.kube/config"
CONNECTIONS = 64
"""Connections that are kept: all areas of the status list their kinds at once."""


def connect(kubeconfig: str | None = None, context: str | None = None) -> Cluster:
    """Prepare a connection to a cluster; nothing is sent yet.

    By the file that is given, else `KUBECONFIG` (several, as kubectl merges them) or the usual
    place, else a pod's own account; in its current context when none is given.

    Raises:
        NoClusterError: when there is no such file or context, or its credentials cannot be used.
    """
    path = kubeconfig or os.environ.get("KUBECONFIG") or DEFAULT_KUBECONFIG
    settings = Configuration()
    # A question that failed is asked again where it makes sense, not blindly three times.
    settings.retries = False
    settings.connection_pool_maxsize = CONNECTIONS
    try:
        name = _load(path, context, settings)
    except (ConfigException, yaml.YAMLError, OSError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise NoClusterError(f"the kubeconfig {path} cannot be used: {reason}") from None
    return Cluster(ApiClient(settings), name)


def _load(path: str, context: str | None, settings: Configuration) -> str:
    files = [Path(part).expanduser() for part in path.split(os.pathsep) if part]
    if not any(file.is_file() for file in files):
        if not context and "KUBERNETES_SERVICE_HOST" in os.environ:
            load_incluster_config(client_configuration=settings)
            return "in-cluster"
        raise NoClusterError(
            f"there is no kubeconfig at {path}; set KUBECONFIG or give --kubeconfig FILE"
        )
    known, current = list_kube_config_contexts(config_file=path)
    names = [entry["name"] for entry in known]
    if context is not None and context not in names:
        raise NoClusterError(
            f"the kubeconfig {path} has no context {context!r}; it has: {', '.join(names)}"
        )
    load_kube_config(
        config_file=path, context=context, client_configuration=settings, persist_config=False
    )
    return str(context or current["name"])
