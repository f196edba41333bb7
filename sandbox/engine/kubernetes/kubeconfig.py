"""Kubeconfigs: where the API server is and how to prove who we are.

Reads a kubeconfig given as text or path, or the ambient one, and resolves context, cluster and
namespace to one ``Access``. Talks to nobody.
"""

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.engine.kubernetes.errors import ProviderError


@dataclass(frozen=True)
class Access:
    """One API server and one identity; certificates and keys are PEM."""

    server: str
    """URL of the API server."""
    namespace: str
    """Namespace for objects that name none."""
    ca: bytes | None = field(default=None, repr=False)
    """Who signs the server's certificate; ``None`` uses the system's authorities."""
    verify: bool = True
    """Whether the server's certificate is verified; off only if the kubeconfig says so."""
    tls_server_name: str = ""
    """Name expected in the server's certificate when it differs from the URL's."""
    certificate: bytes | None = field(default=None, repr=False)
    """Our certificate."""
    key: bytes | None = field(default=None, repr=False)
    """Our certificate's key."""
    token: str = field(default="", repr=False)
    """Bearer token."""
    basic: tuple[str, str] | None = field(default=None, repr=False)
    """User and password."""


@dataclass(frozen=True)
class Kubeconfig:
    """A kubeconfig's parts by name."""

    clusters: dict[str, dict[str, Any]]
    """Clusters by name."""
    contexts: dict[str, dict[str, Any]]
    """Contexts by name."""
    users: dict[str, dict[str, Any]]
    """Users by name."""
    current_context: str
    """The context in use when nothing else is asked for."""
    folder: Path
    """What relative paths inside are relative to."""

    def active_cluster(self, context: str, cluster: str) -> dict[str, Any] | None:
        """Return the cluster that context and cluster overrides select, if there is one."""
        chosen = self.contexts.get(context or self.current_context)
        if chosen is None:
            return None
        return self.clusters.get(cluster or chosen.get("cluster", ""))


def parse(path_or_contents: str) -> Kubeconfig:
    """Read a kubeconfig from a file (``~`` is expanded) or from the text itself.

    Raises:
        ProviderError: It is not a kubeconfig.
    """
    if not path_or_contents:
        return _structure({}, Path())
    one_line = "\n" not in path_or_contents and "{" not in path_or_contents
    path = Path(path_or_contents).expanduser() if one_line else None
    try:
        if path is not None and path.is_file():
            return _structure(yaml.safe_load(path.read_text()), path.parent)
        return _structure(yaml.safe_load(path_or_contents), Path())
    except (OSError, yaml.YAMLError) as error:
        # The text may hold credentials, so what the parser quotes of it stays out of the message.
        problem = error.strerror if isinstance(error, OSError) else "it is not valid YAML or JSON"
        raise ProviderError(f"failed to parse kubeconfig: {problem}") from None


def ambient() -> Kubeconfig:
    """Read what kubectl would: the files in ``$KUBECONFIG``, else ``~/.kube/config``."""
    listed = os.environ.get("KUBECONFIG", "")
    paths = [Path(item) for item in listed.split(os.pathsep) if item]
    files = paths or [Path.home() / ".kube" / "config"]
    merged = _structure({}, Path())
    for path in files:
        if path.is_file():
            merged = _merge(merged, parse(str(path)))
    return merged


def _merge(first: Kubeconfig, second: Kubeconfig) -> Kubeconfig:
    return Kubeconfig(
        clusters=second.clusters | first.clusters,
        contexts=second.contexts | first.contexts,
        users=second.users | first.users,
        current_context=first.current_context or second.current_context,
        folder=second.folder,
    )


def _structure(document: Any, folder: Path) -> Kubeconfig:
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise ProviderError(
            "failed to parse kubeconfig: it is neither a readable file nor a kubeconfig's text"
        )

    def entries(plural: str, singular: str) -> dict[str, dict[str, Any]]:
        return {
            str(entry.get("name", "")): _absolute(entry.get(singular) or {}, folder)
            for entry in document.get(plural) or []
        }

    return Kubeconfig(
        clusters=entries("clusters", "cluster"),
        contexts=entries("contexts", "context"),
        users=entries("users", "user"),
        current_context=str(document.get("current-context") or ""),
        folder=folder,
    )


def _absolute(entry: dict[str, Any], folder: Path) -> dict[str, Any]:
    files = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
    return entry | {key: str(folder / entry[key]) for key in files if entry.get(key)}


def resolve(config: Kubeconfig, *, context: str, cluster: str, namespace: str) -> Access:
    """Pick one API server and one identity.

    Raises:
        ProviderError: The kubeconfig lacks what is asked for, or uses a login plugin.
    """
    wanted = context or config.current_context
    if not config.clusters:
        raise ProviderError(
            "invalid configuration: no configuration has been provided, "
            "try setting KUBERNETES_MASTER environment variable"
        )
    chosen = config.contexts.get(wanted)
    if chosen is None:
        raise ProviderError(f'context "{wanted}" does not exist')
    server = config.active_cluster(context, cluster)
    if server is None:
        raise ProviderError(f'cluster "{cluster or chosen.get("cluster", "")}" does not exist')
    user = config.users.get(chosen.get("user", ""), {})
    if "exec" in user or "auth-provider" in user:
        raise ProviderError(
            f'user "{chosen.get("user")}" logs in with a plugin, which this stand-in does not run: '
            "use a kubeconfig with a client certificate or a token, or the official plugin"
        )
    return Access(
        server=str(server.get("server", "")).rstrip("/"),
        namespace=namespace or str(chosen.get("namespace") or "default"),
        ca=_material(server, "certificate-authority"),
        verify=not server.get("insecure-skip-tls-verify", False),
        tls_server_name=str(server.get("tls-server-name") or ""),
        certificate=_material(user, "client-certificate"),
        key=_material(user, "client-key"),
        token=_token(user),
        basic=(user["username"], user.get("password", "")) if user.get("username") else None,
    )


def _material(entry: dict[str, Any], key: str) -> bytes | None:
    data = entry.get(f"{key}-data")
    try:
        if data:
            return base64.b64decode(data, validate=True)
        return Path(entry[key]).read_bytes() if entry.get(key) else None
    except ValueError:
        raise ProviderError(f"the kubeconfig's {key}-data is not valid base64") from None
    except OSError as error:
        raise ProviderError(f"unable to read {key} {entry[key]}: {error.strerror}") from None


def _token(user: dict[str, Any]) -> str:
    if user.get("tokenFile"):
        try:
            return Path(user["tokenFile"]).read_text().strip()
        except OSError as error:
            raise ProviderError(
                f"unable to read token file {user['tokenFile']}: {error.strerror}"
            ) from None
    return str(user.get("token") or "")
