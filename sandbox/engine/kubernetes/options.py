"""The provider's arguments, from the engine or the environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.engine.kubernetes.errors import ProviderError
from sandbox.engine.kubernetes.replace import Mutability

_PREFIX: Final = "kubernetes:config:"
_HELM_VARIABLES: Final = {
    "driver": ("HELM_DRIVER", "PULUMI_K8S_HELM_DRIVER"),
    "pluginsPath": ("HELM_PLUGINS", "PULUMI_K8S_HELM_PLUGINS_PATH"),
    "registryConfigPath": ("HELM_REGISTRY_CONFIG", "PULUMI_K8S_HELM_REGISTRY_CONFIG_PATH"),
    "repositoryConfigPath": ("HELM_REPOSITORY_CONFIG", "PULUMI_K8S_HELM_REPOSITORY_CONFIG_PATH"),
    "repositoryCache": ("HELM_REPOSITORY_CACHE", "PULUMI_K8S_HELM_REPOSITORY_CACHE"),
}
"""Helm's variable and ours for each of the settings."""


@dataclass(frozen=True)
class Options:
    """How one provider instance behaves."""

    kubeconfig: str
    """Kubeconfig as text or path; empty uses the ambient one."""
    context: str
    """Context within the kubeconfig; empty uses its current one."""
    cluster: str
    """Cluster within the kubeconfig; empty uses the context's."""
    namespace: str
    """Namespace for objects that name none; empty uses the context's."""
    server_side_apply: bool
    """Whether updates are applied server-side; default yes."""
    patch_force: bool
    """Whether conflicts with other field managers are overridden; default no."""
    upsert: bool
    """Whether creating an object that exists takes it over; default no: it may be another's."""
    mutability: Mutability
    """Whose data may change in place."""
    delete_unreachable: bool
    """Whether resources of an unreachable cluster are dropped from the state; default no."""
    skip_update_unreachable: bool
    """Whether an unreachable cluster is passed over silently; default no."""
    suppress_deprecation_warnings: bool
    """Whether to be quiet about deprecated API versions; default no."""
    suppress_helm_hook_warnings: bool
    """Whether to be quiet about Helm hooks on plain resources; default no."""
    render_directory: str
    """Where to write manifests instead of using a cluster; empty uses the cluster."""
    timeout_seconds: float | None
    """How long to wait for one answer of the API server; ``None`` uses the client's default."""
    helm_environment: dict[str, str]
    """Where Helm keeps its things (``helmReleaseSettings``), as its environment variables."""


def read(variables: Mapping[str, str]) -> Options:
    """Read the variables of a Configure request; the environment fills in what is absent.

    Raises:
        ProviderError: ``kubeClientSettings`` is malformed.
    """

    def text(key: str) -> str:
        return variables.get(_PREFIX + key, "")

    def flag(key: str, variable: str, *, default: bool = False) -> bool:
        value = variables.get(_PREFIX + key, os.environ.get(variable))
        return default if value is None else value == "true"

    return Options(
        kubeconfig=text("kubeconfig"),
        context=text("context"),
        cluster=text("cluster"),
        namespace=text("namespace"),
        server_side_apply=flag(
            "enableServerSideApply", "PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY", default=True
        ),
        patch_force=flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
        upsert=flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
        mutability=Mutability(
            config_maps=flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
            secrets=flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
        ),
        delete_unreachable=flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
        skip_update_unreachable=flag("skipUpdateUnreachable", "PULUMI_K8S_SKIP_UPDATE_UNREACHABLE"),
        suppress_deprecation_warnings=flag(
            "suppressDeprecationWarnings", "PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS"
        ),
        suppress_helm_hook_warnings=flag(
            "suppressHelmHookWarnings", "PULUMI_K8S_SUPPRESS_HELM_HOOK_WARNINGS"
        ),
        render_directory=text("renderYamlToDirectory"),
        timeout_seconds=_timeout(text("kubeClientSettings")),
        helm_environment=_helm_environment(text("helmReleaseSettings")),
    )


def _timeout(settings: str) -> float | None:
    try:
        wanted = json.loads(settings).get("timeout") if settings else None
        wanted = wanted or os.environ.get("PULUMI_K8S_CLIENT_TIMEOUT")
        return float(wanted) if wanted else None
    except (ValueError, AttributeError, TypeError):
        raise ProviderError(
            "invalid value specified for kubeClientSettings.timeout: a whole number of seconds "
            "is expected"
        ) from None


def _helm_environment(settings: str) -> dict[str, str]:
    try:
        wanted = json.loads(settings) if settings else {}
        chosen = {
            helm: wanted.get(key) or os.environ.get(ours)
            for key, (helm, ours) in _HELM_VARIABLES.items()
        }
    except (ValueError, AttributeError):
        raise ProviderError("failed to unmarshal helmReleaseSettings option") from None
    return {variable: str(value) for variable, value in chosen.items() if value}
