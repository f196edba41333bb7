"""The images that a node's pods use: what each is called, what it is made of, how it runs.

Names and tags are those that the charts, the stack and the manifests of the sandbox use, so that
nothing is pulled. Names below `localhost` are the sandbox's own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.debian import Packages, packages
from sandbox.images import contents
from sandbox.images.envoy import envoy
from sandbox.images.tree import Tree
from sandbox.toolchain import Toolchain, cluster
from sandbox.toolchain.catalogue import ALERTMANAGER, FLUX_OPERATOR, PROMETHEUS, PROMTOOL, Tool
from sandbox.toolchain.sources import FLUX_OPERATOR as FLUX_OPERATOR_MODULE
from sandbox.toolchain.sources import ISTIO, module_folder

_PATH = "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/bin"
_NOBODY = "65534:65534"
_NONROOT = "65532:65532"
_DETECTOR_LOCK = Path(__file__).resolve().parents[2] / "anomaly" / "requirements.lock"
_BOOTSTRAP = "/var/lib/istio/envoy/envoy_bootstrap_tmpl.json"

FLUX_DISTRIBUTION = "2.9.4"
"""The release of Flux whose controllers they are."""
FLUX_REGISTRY = "localhost/fluxcd"
"""Under a registry that it does not know, the Flux Operator asks for tags, not for digests."""


@dataclass(frozen=True)
class Ingredients:
    """What images are made of."""

    toolchain: Toolchain
    """Has the programs of the image's tools."""

    def program(self, tool: Tool) -> Path:
        """A program."""
        return self.toolchain.path(tool.name)

    @property
    def packages(self) -> Packages:
        """The unpacked Debian packages."""
        return packages(self.toolchain.go.cache)

    @property
    def envoy(self) -> Path:
        """The proxy."""
        return envoy(self.toolchain.go.cache)

    def module(self, name: str) -> Path:
        """The folder of a module that is read as files."""
        return module_folder(self.toolchain.go, name)


@dataclass(frozen=True)
class Image:
    """One image."""

    name: str
    """What the sandbox calls it."""
    reference: str
    """Name and tag under which pods ask for it."""
    tools: tuple[Tool, ...]
    """The programs it needs to be built."""
    fill: Callable[[Tree, Ingredients], None]
    """Puts its content into a tree."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """How its containers run, in OCI's words."""
    aliases: tuple[str, ...] = ()
    """Further names and tags."""


def _one_program(
    name: str, reference: str, tool: Tool, user: str, *, path: str | None = None
) -> Image:
    """An image of a single program."""
    at = path or f"/usr/local/bin/{tool.name}"

    def fill(tree: Tree, ingredients: Ingredients) -> None:
        contents.programs(tree, {at: ingredients.program(tool)})
        tree.link("/etc/ssl/cert.pem", "certs/ca-certificates.crt")

    return Image(name, reference, (tool,), fill, {"Entrypoint": [at], "User": user, "Env": [_PATH]})


def _fill_prometheus(tree: Tree, ingredients: Ingredients) -> None:
    for tool in (PROMETHEUS, PROMTOOL):
        contents.programs(tree, {f"/bin/{tool.name}": ingredients.program(tool)})


def _fill_python(tree: Tree, ingredients: Ingredients) -> None:
    contents.python(tree, _DETECTOR_LOCK)
    contents.shell(tree, ingredients.packages)


def _fill_flux_operator(tree: Tree, ingredients: Ingredients) -> None:
    contents.programs(tree, {"/flux-operator": ingredients.program(FLUX_OPERATOR)})
    # It asks for an image without a distribution, which this one is, as new as its own.
    tree.text("/etc/os-release", 'ID="distroless"\nVERSION_ID="12"\n')
    tree.folder_of("/data", ingredients.module(FLUX_OPERATOR_MODULE) / "config" / "data")


def _fill_istiod(tree: Tree, ingredients: Ingredients) -> None:
    program = ingredients.program(cluster.PILOT_DISCOVERY)
    contents.programs(tree, {"/usr/local/bin/pilot-discovery": program})


def _fill_proxy(tree: Tree, ingredients: Ingredients) -> None:
    contents.shell(tree, ingredients.packages)
    contents.programs(
        tree,
        {
            "/usr/local/bin/pilot-agent": ingredients.program(cluster.PILOT_AGENT),
            "/usr/local/bin/envoy": ingredients.envoy,
        },
    )
    contents.packet_filter(tree, ingredients.packages)
    bootstrap = ingredients.module(ISTIO) / "tools/packaging/common/envoy_bootstrap.json"
    tree.file(_BOOTSTRAP, bootstrap)


def _fill_chaos_daemon(tree: Tree, ingredients: Ingredients) -> None:
    unpacked = ingredients.packages
    contents.shell(tree, unpacked)
    for tool in (*_DAEMON, cluster.NSEXEC, cluster.MEM_STRESS):
        contents.programs(tree, {f"/usr/local/bin/{tool.name}": ingredients.program(tool)})
    contents.programs(tree, {"/usr/local/bin/pause": ingredients.program(cluster.PAUSED)})
    for folder, names in (("usr/bin", ("stress-ng", "choom")), ("usr/sbin", ("ipset", "tc", "ip"))):
        for name in names:
            contents.programs(tree, {f"/{folder}/{name}": unpacked.program(name)}, unpacked)
    contents.packet_filter(tree, unpacked)


_DAEMON = (cluster.CHAOS_DAEMON, cluster.CHAOS_DAEMON_HELPER)
_SOURCE, _KUSTOMIZE, _NOTIFICATION, _HELM = cluster.FLUX

NODE_IMAGES = (
    Image(
        "pause",
        "localhost/pause:3.10",
        (cluster.PAUSE,),
        lambda tree, ingredients: tree.file("/pause", ingredients.program(cluster.PAUSE)),
        {"Entrypoint": ["/pause"], "User": "65535:65535"},
        # What Chaos Mesh puts into a pod that is to fail.
        aliases=("registry.k8s.io/pause:3.10.1",),
    ),
    _one_program(
        "coredns", f"localhost/coredns:{cluster.COREDNS.version}", cluster.COREDNS, _NONROOT
    ),
)
"""What the node itself needs."""

DEMO_IMAGES = (
    Image(
        "python",
        "docker.io/library/python:3.11-slim",
        (),
        _fill_python,
        {
            "Cmd": ["python3"],
            "Env": [_PATH, "PYTHONDONTWRITEBYTECODE=1"],
            "User": _NONROOT,
        },
        # The detector's runtime; the stack names it by its digest.
        aliases=("ghcr.io/albertodimas/brisa-anomaly-runtime:1.0.0",),
    ),
    Image(
        "prometheus",
        f"quay.io/prometheus/prometheus:v{PROMETHEUS.version}",
        (PROMETHEUS, PROMTOOL),
        _fill_prometheus,
        {"Entrypoint": ["/bin/prometheus"], "User": _NOBODY, "WorkingDir": "/prometheus"},
    ),
    _one_program(
        "alertmanager",
        f"quay.io/prometheus/alertmanager:v{ALERTMANAGER.version}",
        ALERTMANAGER,
        _NOBODY,
        path="/bin/alertmanager",
    ),
)
"""What the demo's own workloads need."""

FLUX_IMAGES = (
    Image(
        "flux-operator",
        f"ghcr.io/controlplaneio-fluxcd/flux-operator:v{FLUX_OPERATOR.version}",
        (FLUX_OPERATOR,),
        _fill_flux_operator,
        # It refuses to run without what upstream builds it with.
        {"Entrypoint": ["/flux-operator"], "User": _NONROOT, "Env": ["GODEBUG=fips140=on"]},
    ),
    *(
        _one_program(tool.name, f"{FLUX_REGISTRY}/{tool.name}:v{tool.version}", tool, _NOBODY)
        for tool in (_SOURCE, _KUSTOMIZE, _NOTIFICATION, _HELM)
    ),
)
"""The Flux Operator and Flux's controllers."""

MESH_IMAGES = (
    Image(
        "pilot",
        f"registry.istio.io/release/pilot:{cluster.PILOT_DISCOVERY.version}",
        (cluster.PILOT_DISCOVERY,),
        _fill_istiod,
        {
            "Entrypoint": ["/usr/local/bin/pilot-discovery"],
            "User": "1337:1337",
            "Env": [_PATH],
        },
    ),
    Image(
        "proxyv2",
        f"registry.istio.io/release/proxyv2:{cluster.PILOT_AGENT.version}",
        (cluster.PILOT_AGENT,),
        _fill_proxy,
        {"Entrypoint": ["/usr/local/bin/pilot-agent"], "Env": [_PATH]},
    ),
)
"""Istio's control plane and proxy."""

CHAOS_IMAGES = (
    Image(
        "chaos-mesh",
        f"ghcr.io/chaos-mesh/chaos-mesh:v{cluster.CHAOS_DAEMON.version}",
        (cluster.CHAOS_CONTROLLER_MANAGER,),
        lambda tree, ingredients: contents.programs(
            tree,
            {
                "/usr/local/bin/chaos-controller-manager": ingredients.program(
                    cluster.CHAOS_CONTROLLER_MANAGER
                )
            },
        ),
        {"Env": [_PATH]},
    ),
    Image(
        "chaos-daemon",
        f"ghcr.io/chaos-mesh/chaos-daemon:v{cluster.CHAOS_DAEMON.version}",
        (*_DAEMON, cluster.NSEXEC, cluster.MEM_STRESS, cluster.PAUSED),
        _fill_chaos_daemon,
        {"Env": [_PATH]},
    ),
)
"""Chaos Mesh's manager and daemon."""

IMAGES = (*NODE_IMAGES, *DEMO_IMAGES, *FLUX_IMAGES, *MESH_IMAGES, *CHAOS_IMAGES)
"""All of them."""
