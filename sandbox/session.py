"""Puts the parts of a sandbox together: tools, control plane, engine workspace."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sandbox.cluster import Cluster
from sandbox.control_plane.assembly import Programs
from sandbox.control_plane.plane import ControlPlane
from sandbox.debian import packages
from sandbox.demo.demo import PLAIN_ENVOY, Demo
from sandbox.engine.project import Overlay
from sandbox.engine.workspace import Workspace
from sandbox.errors import ToolchainError
from sandbox.folder import CHECKOUT, SandboxFolder
from sandbox.images import Image, write_images
from sandbox.monitoring.monitoring import Programs as MonitoringPrograms
from sandbox.node.addons import Addons
from sandbox.node.images import digest, import_images
from sandbox.node.node import NodePrograms
from sandbox.node.preflight import NETWORK_POLICIES, examine
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.service import GroupState
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import (
    ALERTMANAGER,
    APISERVER,
    CONTROLLER_MANAGER,
    ETCD,
    PLATFORM,
    PROMETHEUS,
    PROMTOOL,
    Tool,
)
from sandbox.toolchain.catalogue import FLUX_OPERATOR as OPERATOR
from sandbox.toolchain.cluster import NODE
from sandbox.toolchain.go import cache_folder
from sandbox.toolchain.sources import FLUX_OPERATOR, module_folder
from sandbox.toolchain.toolchain import kubectl

STACK = "sandbox"
"""The stack that `up` brings up."""
_WITHOUT_NODE = Overlay("without-node")
_NODE, _DIGEST = "node", "!digest"
_FLUX_DATA = "config/data"


def control_plane_programs(toolchain: Toolchain, node: NodePrograms | None = None) -> Programs:
    """The tools the control plane runs, and those of a node.

    Without a node, the Flux Operator runs as a process, from its module's release manifests.
    """
    programs = Programs(
        etcd=toolchain.path(ETCD.name),
        apiserver=toolchain.path(APISERVER.name),
        controller_manager=toolchain.path(CONTROLLER_MANAGER.name),
    )
    if node is not None:
        return replace(programs, node=node, kubectl=kubectl())
    return replace(
        programs,
        flux_operator=toolchain.path(OPERATOR.name),
        flux_data=module_folder(toolchain.go, FLUX_OPERATOR) / _FLUX_DATA,
    )


def node_programs(folder: SandboxFolder, toolchain: Toolchain) -> NodePrograms:
    """The tools that a node runs, and what they call of Debian's packages."""
    return NodePrograms(
        {tool.name: toolchain.path(tool.name) for tool in NODE},
        packages(cache_folder()),
        enforces_policies=examine(folder.root).reason(NETWORK_POLICIES) is None,
    )


def node_tools(images: Sequence[Image]) -> tuple[Tool, ...]:
    """The tools of the platform, of a node, and of images for it."""
    of_images = (tool for image in images for tool in image.tools)
    return tuple(dict.fromkeys((*PLATFORM, *NODE, *of_images)))


def monitoring_programs(toolchain: Toolchain) -> MonitoringPrograms:
    """The tools of the monitoring."""
    return MonitoringPrograms(
        prometheus=toolchain.path(PROMETHEUS.name),
        alertmanager=toolchain.path(ALERTMANAGER.name),
        promtool=toolchain.path(PROMTOOL.name),
    )


def start_control_plane(
    folder: SandboxFolder,
    toolchain: Toolchain,
    *,
    node: bool = False,
    owner: ProcessIdentity | None = None,
    on_change: Callable[[GroupState], None] | None = None,
) -> ControlPlane:
    """Bring the control plane of a folder up; with a node, that has still to be equipped."""
    plane = ControlPlane(folder.root)
    programs = node_programs(folder, toolchain) if node else None
    plane.start(control_plane_programs(toolchain, programs), owner=owner, on_change=on_change)
    return plane


def equip_node(
    plane: ControlPlane,
    toolchain: Toolchain,
    images: Sequence[Image],
    *,
    on_step: Callable[[str], None],
) -> None:
    """Bring images and addons into the node of a control plane, and wait until pods can use it."""
    node = plane.folder.node
    archives = write_images(toolchain, images, lambda name, what: on_step(f"{name}: {what}"))
    import_images(node, archives, on_import=lambda name: on_step(f"importing {name}"))
    # Else what kubectl learns of this API would stay in the user's home.
    addons = Addons(node, Cluster(plane.kubeconfig, cache=node.kubectl_cache))
    addons.apply()
    addons.wait_until_ready(on_wait=lambda what: on_step(f"waiting for {what}"))


def node_demo(plane: ControlPlane) -> Demo:
    """The demo in the node of a control plane."""
    return Demo(Cluster(plane.kubeconfig), additions=PLAIN_ENVOY)


def open_workspace(folder: SandboxFolder, toolchain: Toolchain | None = None) -> Workspace:
    """The engine's workspace of a folder; with no toolchain given, nothing is built for it."""
    tools = toolchain or Toolchain.find()
    if tools is None:
        raise ToolchainError("the toolchain is not complete; `make build` completes it")
    overlay = _overlay(ControlPlane(folder.root))
    return Workspace.prepare(tools, folder.root, CHECKOUT, overlay=overlay)


def _overlay(plane: ControlPlane) -> Overlay:
    """How stacks differ here: where no pod runs, or with the images that the node has."""
    if not plane.has_node:
        return _WITHOUT_NODE
    return Overlay(_NODE, {_DIGEST: lambda name: digest(plane.folder.node, name)})
