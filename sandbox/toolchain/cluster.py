"""The programs of a node, and of what runs in its pods.

They are built when somebody asks for a node; together they are as much as the platform's own.
"""

from dataclasses import replace

from sandbox.toolchain.catalogue import Tool, kubernetes

_CONTAINERD = "2.4.2"
_RUNC = "1.5.3"
_CNI_PLUGINS = "1.10.0"
_COREDNS = "1.15.0"
_ISTIO = "1.31.1"
_CHAOS_MESH = "2.8.4"
_CHAOS_MESH_MODULE = "github.com/chaos-mesh/chaos-mesh"
_ISTIO_VERSION = "istio.io/istio/pkg/version"

_SELDOM_RUN = tuple(
    f"{packages}/...=-l"
    for packages in (
        "k8s.io/api",
        "k8s.io/client-go/applyconfigurations",
        "k8s.io/client-go/informers",
        "k8s.io/client-go/kubernetes",
        "k8s.io/client-go/listers",
        "github.com/envoyproxy/go-control-plane",
        "istio.io/api",
        "istio.io/client-go",
        "github.com/aws",
        "github.com/Azure",
        "cloud.google.com/go",
        "google.golang.org/api",
        "google.golang.org/genproto",
        "github.com/huaweicloud",
        "gitlab.com/gitlab-org",
        "github.com/DataDog",
        "github.com/google/go-github",
    )
)
"""Generated code, much of it, that nothing here runs often: not inlining it saves a fourth of the
time that it takes to compile."""


def _containerd(name: str) -> Tool:
    return Tool(
        name=name,
        version=_CONTAINERD,
        module="node",
        package=f"github.com/containerd/containerd/v2/cmd/{name}",
        variables=(f"github.com/containerd/containerd/v2/version.Version={_CONTAINERD}",),
        tags=_NODE_TAGS,
        version_arguments=("-v" if name == "containerd-shim-runc-v2" else "--version",),
    )


def _cni_plugin(kind: str, name: str) -> Tool:
    return Tool(
        name=name,
        version=_CNI_PLUGINS,
        module="node",
        package=f"github.com/containernetworking/plugins/plugins/{kind}/{name}",
        tags=_NODE_TAGS,
        version_arguments=None,
    )


def _istio(name: str, *tags: str) -> Tool:
    return Tool(
        name=name,
        version=_ISTIO,
        module="istio",
        package=f"istio.io/istio/pilot/cmd/{name}",
        variables=(
            f"{_ISTIO_VERSION}.buildVersion={_ISTIO}",
            f"{_ISTIO_VERSION}.buildTag={_ISTIO}",
        ),
        # Without validators, which nobody calls, and without the faster of two marshallers, which
        # is most of what there is to compile.
        tags=(*tags, "disable_pgv"),
        compiler_flags=_SELDOM_RUN,
        version_arguments=None,
    )


def _chaos_mesh(name: str, program: str | None = None) -> Tool:
    return Tool(
        name=program or name,
        version=_CHAOS_MESH,
        module="chaos-mesh",
        package=f"{_CHAOS_MESH_MODULE}/cmd/{name}",
        variables=(f"{_CHAOS_MESH_MODULE}/pkg/version.gitVersion=v{_CHAOS_MESH}",),
        tags=("netgo", "osusergo"),
        compiler_flags=_SELDOM_RUN,
        cgo=True,
        version_arguments=None,
    )


def _own(name: str, *, cgo: bool = False) -> Tool:
    return Tool(
        name=name,
        version="0.1.0",
        module="pods",
        package=f"./{name}",
        cgo=cgo,
        version_arguments=None,
    )


def _flux(name: str, version: str) -> Tool:
    return Tool(
        name=name,
        version=version,
        module="flux",
        package=f"github.com/fluxcd/{name}",
        compiler_flags=_SELDOM_RUN,
        version_arguments=None,
    )


_NODE_TAGS = ("no_btrfs", "no_devmapper", "no_zfs", "no_tracing", "urfave_cli_no_docs")
"""Without snapshotters of file systems that no node here has, and without traces to nowhere."""

KUBELET = kubernetes("kubelet")
KUBE_PROXY = kubernetes("kube-proxy")
SCHEDULER = kubernetes("kube-scheduler")
CONTAINERD = _containerd("containerd")
SHIM = _containerd("containerd-shim-runc-v2")
CTR = _containerd("ctr")
RUNC = Tool(
    name="runc",
    version=_RUNC,
    module="node",
    package="github.com/opencontainers/runc",
    tags=("seccomp", "netgo", "osusergo", "urfave_cli_no_docs"),
    cgo=True,
)
CNI_PLUGINS = (
    _cni_plugin("main", "ptp"),
    _cni_plugin("main", "loopback"),
    _cni_plugin("ipam", "host-local"),
    _cni_plugin("meta", "portmap"),
)
COREDNS = Tool(
    name="coredns",
    version=_COREDNS,
    module="node",
    package="./coredns",
    tags=_NODE_TAGS,
    version_arguments=("-version",),
)
PAUSE = _own("pause")
NETWORK_POLICIES = Tool(
    name="network-policies",
    version="0.8.0",
    module="network-policies",
    package="./network-policies",
    version_arguments=None,
)
"""kube-network-policies as a process of a node."""

NODE = (
    KUBELET,
    KUBE_PROXY,
    SCHEDULER,
    NETWORK_POLICIES,
    CONTAINERD,
    SHIM,
    CTR,
    *CNI_PLUGINS,
    COREDNS,
    RUNC,
    PAUSE,
)
"""What a node is made of."""

PILOT_AGENT = _istio("pilot-agent", "agent")
PILOT_DISCOVERY = _istio("pilot-discovery")

MESH = (PILOT_DISCOVERY, PILOT_AGENT)
"""Istio's control plane, and what runs beside Envoy."""

ISTIO_ANALYSIS = replace(
    PILOT_DISCOVERY, name="istio-analysis", module="istio-analysis", package="."
)
"""What Istio's own analysis says of manifests; no part of a sandbox, so nobody but its test builds
it: with the flags of istiod, so that little is left to compile."""

CHAOS_CONTROLLER_MANAGER = _chaos_mesh("chaos-controller-manager")
CHAOS_DAEMON = _chaos_mesh("chaos-daemon")
CHAOS_DAEMON_HELPER = _chaos_mesh("chaos-daemon-helper", "cdh")
NSEXEC = _own("nsexec", cgo=True)
MEM_STRESS = _own("memStress")
PAUSED = _own("paused")

CHAOS = (
    CHAOS_CONTROLLER_MANAGER,
    CHAOS_DAEMON,
    CHAOS_DAEMON_HELPER,
    NSEXEC,
    MEM_STRESS,
    PAUSED,
)
"""Chaos Mesh, and the programs that its daemon starts."""

FLUX = (
    _flux("source-controller", "1.9.4"),
    _flux("kustomize-controller", "1.9.4"),
    _flux("notification-controller", "1.9.3"),
    _flux("helm-controller", "1.6.3"),
)
"""Flux's controllers."""
