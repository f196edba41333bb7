"""Types of text that lead somewhere: hosts, URLs, Git branches, paths."""

import re
from collections.abc import Callable, Collection
from ipaddress import ip_address, ip_network
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator

from settings.types import Allowed, described
from settings.words import PART, REGISTRY, matches

_LABEL = r"[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?"
_is_name = matches(rf"{_LABEL}(\.{_LABEL})*")
_is_clean = matches(r"[!-~]+")
_is_artifact = matches(rf"{REGISTRY}(/{PART})+")
_LONGEST_HOST = 253
_LAST_PORT = 65535


_is_number = matches(r"[0-9]+|0[xX][0-9A-Fa-f]*")


def is_host(text: str) -> bool:
    """Whether a text is a host name, or an address in numbers.

    What ends in a number is an address to whoever resolves it, also 127.1 and 2130706433.
    """
    is_name = len(text) <= _LONGEST_HOST and _is_name(text)
    return is_name and (is_address(text) or not _is_number(text.rpartition(".")[2]))


def is_address(host: str) -> bool:
    """Whether a host is an address in numbers."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


_NEAR = {"localhost", "localhost.localdomain", "ip6-localhost", "metadata.google.internal"}


def _leads_away(text: str) -> str:
    """Refuse what leads a pod to itself, or to its machine: who writes it thinks of a laptop."""
    host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
    is_near = host in _NEAR or host.endswith(".localhost")
    if is_address(host):
        address = ip_address(host)
        address = getattr(address, "ipv4_mapped", None) or address
        is_near = address.is_loopback or address.is_link_local or address.is_unspecified
    if is_near:
        raise ValueError(f"leads to {host}, which in a pod is the pod or its machine")
    return text


def _leads(
    schemes: Collection[str], further: Callable[[SplitResult], bool]
) -> Callable[[str], bool]:
    """A check for URLs with a host, a possible port and no password."""

    def check(text: str) -> bool:
        try:
            url = urlsplit(text)
            host, port = url.hostname or "", url.port
        except ValueError:
            return False
        return (
            _is_clean(text)
            and text.partition("://")[0] in schemes
            and (":" in host or is_host(host))
            and not url.netloc.endswith(":")
            and (port is None or 0 < port <= _LAST_PORT)
            and url.password is None
            and further(url)
        )

    return check


def _is_sidecar_host(text: str) -> bool:
    namespace, slash, host = text.partition("/")
    is_namespace = re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", namespace)
    return bool(slash and is_namespace) and (host == "*" or is_host(host.removeprefix("*.")))


SidecarHost = Annotated[
    str,
    Allowed(
        "a host with its namespace",
        "namespace/host such as shop/cart.shop.svc.cluster.local, or namespace/* for all of them",
        _is_sidecar_host,
    ),
]
"""A host that proxies know, with the namespace of its Service."""


_WIDEST = {4: 8, 6: 7}
"""The shortest prefix of a network that somebody has for their own: 10.0.0.0/8, fc00::/7."""


def _is_network(text: str) -> bool:
    try:
        network = ip_network(text)
    except ValueError:
        return False
    near = network.is_loopback or network.is_multicast or network.is_unspecified
    return network.prefixlen >= _WIDEST[network.version] and not near


Network = Annotated[
    str,
    Allowed(
        "a network",
        "such as 10.20.0.0/16 or 192.0.2.7/32, from /8 on (IPv6: /7), of addresses that callers "
        "have",
        _is_network,
    ),
]
"""A range of addresses."""

Host = Annotated[
    str,
    Allowed("a host", "a host name without scheme and port, such as otel.observability", is_host),
]
"""A host name."""

_is_public_name = matches(
    r"(\*\.)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)+"
)
_CLUSTERS = (".svc", ".cluster.local")


def _is_public(text: str) -> bool:
    last = text.rpartition(".")[2]
    return (
        len(text) <= _LONGEST_HOST
        and _is_public_name(text)
        and not last.isdecimal()
        and not text.endswith(_CLUSTERS)
    )


PublicHost = Annotated[
    str,
    Allowed(
        "a host by which a service is known outside",
        "in lower case, such as shop.example.com or *.shop.example.com; without port, no address "
        "in numbers and no name of the cluster's own",
        _is_public,
    ),
]
"""A host name that people and other systems call."""

TrustDomain = Annotated[
    str,
    Allowed(
        "a trust domain",
        "a host name in lower case, such as cluster.local",
        lambda text: is_host(text) and text == text.lower(),
    ),
]
"""Where workload identities are from."""

_is_http = _leads({"http", "https"}, lambda url: url.username is None)

HttpUrl = Annotated[
    str,
    Allowed(
        "an http:// or https:// URL",
        "with a host, a port up to 65535 if any, and no user information",
        _is_http,
    ),
]
"""An http or https URL without credentials in it."""

BaseUrl = Annotated[
    str,
    Allowed(
        "the http:// or https:// URL of a server",
        "with a host, a port up to 65535 if any, and no user information, query or fragment",
        lambda text: _is_http(text) and "?" not in text and "#" not in text,
    ),
]
"""An http or https URL to which a path is added."""


def _is_sent(text: str) -> str:
    if "#" in text:
        raise ValueError("has a fragment, which nobody sends to a server")
    return text


ServerUrl = Annotated[BaseUrl, AfterValidator(_leads_away)]
"""A server that a pod of the platform asks."""

ProbedUrl = Annotated[HttpUrl, AfterValidator(_leads_away), AfterValidator(_is_sent)]
"""What a pod of the platform asks whether all is well."""

ServerHost = Annotated[Host, AfterValidator(_leads_away)]
"""Host of a server that pods send to."""


def encrypted(url: str) -> str:
    """A URL under which a secret is sent: by TLS, or within the cluster.

    Raises:
        ValueError: whoever is on the way could read the secret.
    """
    parts = urlsplit(url)
    if parts.scheme == "http" and "svc" not in (parts.hostname or "").split("."):
        raise ValueError("is http, so that whoever is on the way can read the secret")
    return url


PROMETHEUS_PATHS = (
    "/api/v1",
    "/api/v1/query",
    "/api/v1/query_range",
    "/api/v1/write",
    "/api",
    "/-/ready",
    "/graph",
    "/query",
    "/alerts",
    "/targets",
    "/rules",
    "/status",
    "/metrics",
)
ALERTMANAGER_PATHS = (
    "/api/v2/alerts",
    "/api/v2/alerts/groups",
    "/api/v2/silences",
    "/api/v2/status",
    "/api/v2",
    "/api/v1/alerts",
    "/api/v1",
    "/-/ready",
    "/alerts",
)
"""What people copy along with the address of a server."""


def without_path(url: str, *paths: str) -> str:
    """The address of a server to which those who ask it add such paths themselves.

    Raises:
        ValueError: it ends with one of them.
    """
    plain = urlsplit(url).path.rstrip("/")
    for path in paths:
        if plain.endswith(path):
            raise ValueError(f"ends with {path}, which is added to it; leave that away")
    return url


LINK_PLACES = ("signal", "service", "from", "to")
_is_filled = matches(rf"([^{{}}]|\{{({'|'.join(LINK_PLACES)})\}})*")

LinkTemplate = Annotated[
    str,
    Allowed(
        "a link",
        "an http:// or https:// URL, in which {signal}, {service}, {from} and {to} (epoch "
        "milliseconds) are filled in",
        lambda text: _is_http(text.replace("{", "").replace("}", "")) and _is_filled(text),
    ),
]
"""A URL for people, with places that an alert fills in."""


_PAGE = re.compile(
    r"/(tree|blob|raw|commits?|pulls?|issues|-|src/branch)(/|$)"
    r"|^(github\.com|bitbucket\.org|codeberg\.org)/[^/]+/[^/]+/."
)
"""What is below a repository; those hosts know none that is deeper than two steps."""


def _is_repository(url: SplitResult) -> bool:
    nobody = url.username is None or url.scheme == "ssh"
    is_page = _PAGE.search(f"{url.hostname}{url.path}")
    return nobody and len(url.path) > 1 and not (url.query or url.fragment or is_page)


RepositoryUrl = Annotated[
    str,
    Allowed(
        "the URL of a Git repository",
        "https://host/path or ssh://user@host/path, without password, query or fragment; no page "
        "of it such as /tree/main",
        _leads({"https", "ssh"}, _is_repository),
    ),
    AfterValidator(_leads_away),
]
"""Where a Git repository is; credentials lie in a Secret."""

HostAndPort = Annotated[
    str,
    Allowed(
        "a host, with a port if need be",
        "such as s3.eu-central-1.amazonaws.com or minio.storage:9000, without scheme and path",
        lambda text: (
            _leads({"https"}, lambda url: not url.username)(f"https://{text}") and "/" not in text
        ),
    ),
    AfterValidator(_leads_away),
]
"""A server of a kind that says its scheme itself."""

OciUrl = Annotated[
    str,
    Allowed(
        "an OCI artifact",
        "such as oci://ghcr.io/team/artifact, without user, tag and digest",
        lambda text: text.startswith("oci://") and _is_artifact(text.removeprefix("oci://")),
    ),
]
"""An artifact in a registry."""

_is_repository_of_charts = _leads(
    {"https"}, lambda url: url.username is None and not (url.query or url.fragment)
)
ChartsUrl = Annotated[
    str,
    Allowed(
        "a repository of charts, or a chart in a registry",
        "https://host/path without user information, query or fragment, or oci://host/path without "
        "tag and digest",
        lambda text: (
            _is_repository_of_charts(text)
            or (text.startswith("oci://") and _is_artifact(text.removeprefix("oci://")))
        ),
    ),
]
"""Where charts come from: by http anybody on the way could put another in their place."""

_is_release = matches(rf"{REGISTRY}(/{PART})+(:[\w][\w.-]{{0,127}})?(@sha256:[0-9a-f]{{64}})?")
OciRelease = Annotated[
    str,
    Allowed(
        "an OCI artifact with its tag",
        "such as oci://ghcr.io/team/artifact:latest, without user",
        lambda text: text.startswith("oci://") and _is_release(text.removeprefix("oci://")),
    ),
]
"""An artifact in a registry, at a tag or digest if one is named."""


def _message_api(text: str) -> str:
    if urlsplit(text).hostname == "hooks.slack.com":
        raise ValueError("is a webhook, which is a secret in itself; slackToken is the way in")
    return text


SlackAddress = Annotated[ServerUrl, AfterValidator(_message_api), AfterValidator(encrypted)]
"""Slack's API; not a webhook, whose URL lets everybody in who can read it."""

_NO_BRANCH = re.compile(
    r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{|^[-/]|[/.]$|(^|/)\.|\.lock(/|$)|^refs/|^origin/|^(@|HEAD)?$"
    r"|^[0-9a-f]{40}$"
)

Branch = Annotated[
    str,
    Allowed(
        "the name of a Git branch",
        "such as main or team/topic, no commit, without refs/heads/ or origin/, blanks, '..' or "
        "any of ~^:?*[\\",
        lambda text: not _NO_BRANCH.search(text),
    ),
]
"""A branch, as Git allows it."""

_FOREIGN = re.compile(r"[\x00-\x1f\x7f\\*?$<>{}|]|^[/~\s]|//|\s(/|$)|/\s|^$")


def _folder(text: str) -> str:
    if _FOREIGN.search(text) or ".." in text.split("/"):
        raise ValueError("is not a path inside the repository")
    if text.endswith((".yaml", ".yml", ".json")):
        raise ValueError("is a file; name the folder that it is in")
    return str(PurePosixPath(text))


Folder = Annotated[
    str,
    AfterValidator(_folder),
    described("a path such as infra/gitops, without '..' or leading '/'"),
]
"""A folder of a repository."""

_is_absolute = matches(r"(/[^/\s\x00-\x1f]+)+/?")
_SYSTEMS = re.compile(
    r"/((proc|sys|dev|(var/)?run/secrets)(/.*)?|etc|boot|home|root|var|run|(usr/)?(local/)?s?bin"
    r"|(usr/)?(local/)?(lib(32|64|exec)?|usr|share)|usr/local)/?$"
)
"""Where the system itself is: with all that is below it, or the folder as a whole."""

MountPoint = Annotated[
    str,
    Allowed(
        "a mount point",
        "an absolute path below /, without '.' and '..', and none of the system's own such as "
        "/proc",
        lambda text: (
            _is_absolute(text)
            and {".", ".."}.isdisjoint(text.split("/"))
            and not _SYSTEMS.match(text)
        ),
    ),
]
"""Where a volume is mounted in a container."""
