"""Which tools the sandbox uses, at which version, and what each is built from.

The version of a module is pinned in its `go.mod` below `sandbox/tools`; the version here is what
the finished program says of itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1] / "tools"
"""One Go module per tool, with checksums."""

_KUBERNETES = "1.37.2"
_KUBERNETES_MAJOR, _KUBERNETES_MINOR, _ = _KUBERNETES.split(".")
_KUBERNETES_VERSION = "k8s.io/component-base/version"
_PULUMI = "3.259.0"
_KUBERNETES_PLUGIN = "4.34.2"
_FLUX_OPERATOR = "0.59.0"
_PROMETHEUS = "3.16.0"
_ALERTMANAGER = "0.31.1"
"""The newest whose module holds its web interface built; later ones embed what only npm makes."""
_PROMETHEUS_VERSION = "github.com/prometheus/common/version.Version"
_ACTIONLINT = "1.7.12"


@dataclass(frozen=True)
class Recipe:
    """How tools are built that share a module: all that one go command can be told once."""

    module: str
    """Folder below `sandbox/tools`."""
    tags: tuple[str, ...] = ()
    """Build tags."""
    compiler_flags: tuple[str, ...] = ()
    """Flags of the compiler, as PATTERN=FLAGS."""
    cgo: bool = False
    """Whether C is compiled too."""

    def flags(self, variables: Iterable[str]) -> tuple[str, ...]:
        """Flags of `go build`: no paths of this machine, no symbol tables."""
        stamps = (f"-X {variable}" for variable in variables)
        static = ("-linkmode external", "-extldflags -static") if self.cgo else ()
        tags = ("-tags", ",".join(self.tags)) if self.tags else ()
        compiler = (f"-gcflags={flags}" for flags in self.compiler_flags)
        linker = " ".join(("-s -w", *static, *stamps))
        return ("-trimpath", *tags, *compiler, "-ldflags", linker)


@dataclass(frozen=True)
class Tool:
    """One program."""

    name: str
    """File name of the program."""
    version: str
    """Version without a leading v."""
    module: str
    """Folder below `sandbox/tools` that pins what it is built from."""
    package: str
    """Go package of its main function; below `./` when it lies beside the module's pins."""
    variables: tuple[str, ...] = ()
    """Go variables set by the linker, as NAME=VALUE: what release builds stamp in."""
    tags: tuple[str, ...] = ()
    """Build tags: which parts of the source are left out, or put in."""
    compiler_flags: tuple[str, ...] = ()
    """Flags of the compiler, as PATTERN=FLAGS: for the packages that the pattern matches."""
    cgo: bool = False
    """Whether it contains C: built with gcc, linked statically."""
    version_arguments: tuple[str, ...] | None = ("--version",)
    """How to ask the program for its version; None when it cannot tell, and then no program on
    PATH is taken for it."""

    @property
    def pins(self) -> Path:
        """The folder with its go.mod and go.sum."""
        return TOOLS / self.module

    @property
    def recipe(self) -> Recipe:
        """What else goes into the build; tools of one recipe are built by one go command."""
        return Recipe(self.module, self.tags, self.compiler_flags, self.cgo)

    @property
    def build_flags(self) -> tuple[str, ...]:
        """Flags of `go build` when it is built alone."""
        return self.recipe.flags(self.variables)


def kubernetes(name: str) -> Tool:
    """A program of Kubernetes itself."""
    return Tool(
        name=name,
        version=_KUBERNETES,
        module="kubernetes",
        package=f"k8s.io/kubernetes/cmd/{name}",
        variables=(
            f"{_KUBERNETES_VERSION}.gitVersion=v{_KUBERNETES}",
            f"{_KUBERNETES_VERSION}.gitMajor={_KUBERNETES_MAJOR}",
            f"{_KUBERNETES_VERSION}.gitMinor={_KUBERNETES_MINOR}",
            f"{_KUBERNETES_VERSION}.gitTreeState=clean",
        ),
    )


def _prometheus(name: str) -> Tool:
    return Tool(
        name=name,
        version=_PROMETHEUS,
        module="prometheus",
        package=f"github.com/prometheus/prometheus/cmd/{name}",
        variables=(f"{_PROMETHEUS_VERSION}={_PROMETHEUS}",),
        # Finding targets in clouds is most of its code, and unused here; pods are found.
        tags=("remove_all_sd", "enable_kubernetes_sd"),
    )


def _alertmanager(name: str) -> Tool:
    return Tool(
        name=name,
        version=_ALERTMANAGER,
        module="alertmanager",
        package=f"github.com/prometheus/alertmanager/cmd/{name}",
        variables=(f"{_PROMETHEUS_VERSION}={_ALERTMANAGER}",),
    )


ETCD = Tool(name="etcd", version="3.7.3", module="etcd", package="go.etcd.io/etcd/server/v3")
APISERVER = kubernetes("kube-apiserver")
CONTROLLER_MANAGER = kubernetes("kube-controller-manager")
PULUMI = Tool(
    name="pulumi",
    version=_PULUMI,
    module="pulumi",
    package="github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
    variables=(f"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{_PULUMI}",),
    version_arguments=("version",),
)
KUBERNETES_PLUGIN = Tool(
    name="pulumi-resource-kubernetes",
    version=_KUBERNETES_PLUGIN,
    module="pulumi-kubernetes",
    package="./pulumi-resource-kubernetes",
    variables=(f"main.version={_KUBERNETES_PLUGIN}",),
    version_arguments=None,
)
FLUX_OPERATOR = Tool(
    name="flux-operator",
    version=_FLUX_OPERATOR,
    module="flux-operator",
    package="github.com/controlplaneio-fluxcd/flux-operator/cmd/operator",
    variables=(f"main.VERSION=v{_FLUX_OPERATOR}",),
    version_arguments=None,
)

PROMETHEUS = _prometheus("prometheus")
PROMTOOL = _prometheus("promtool")
ALERTMANAGER = _alertmanager("alertmanager")
AMTOOL = _alertmanager("amtool")

PLATFORM = (APISERVER, PULUMI, CONTROLLER_MANAGER, FLUX_OPERATOR, ETCD, KUBERNETES_PLUGIN)
"""What a sandbox is made of, in building order: the longest first, so that two builders end at
about the same time."""

MONITORING = (PROMETHEUS, ALERTMANAGER, PROMTOOL, AMTOOL)
"""What only those need who watch something: built when it is asked for."""

ACTIONLINT = Tool(
    name="actionlint",
    version=_ACTIONLINT,
    module="actionlint",
    package="github.com/rhysd/actionlint/cmd/actionlint",
    variables=(f"github.com/rhysd/actionlint.version={_ACTIONLINT}",),
    version_arguments=("-version",),
)
"""Checks the workflows; no part of a sandbox, so nobody but their test builds it."""
