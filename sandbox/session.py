"""Puts the parts of a sandbox together: tools, control plane, engine workspace."""

from collections.abc import Callable

from sandbox.control_plane.assembly import Programs
from sandbox.control_plane.plane import ControlPlane
from sandbox.engine.project import Overlay
from sandbox.engine.workspace import Workspace
from sandbox.errors import ToolchainError
from sandbox.folder import CHECKOUT, SandboxFolder
from sandbox.monitoring.monitoring import Programs as MonitoringPrograms
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.service import GroupState
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import (
    ALERTMANAGER,
    APISERVER,
    CONTROLLER_MANAGER,
    ETCD,
    PROMETHEUS,
    PROMTOOL,
)
from sandbox.toolchain.catalogue import FLUX_OPERATOR as OPERATOR
from sandbox.toolchain.sources import FLUX_OPERATOR, module_folder

STACK = "sandbox"
"""The stack that `up` brings up."""
WITHOUT_NODE = Overlay("without-node")
"""How stacks differ where no pod runs."""
_FLUX_DATA = "config/data"


def control_plane_programs(toolchain: Toolchain) -> Programs:
    """The tools the control plane runs, and the release manifests the Flux Operator installs."""
    return Programs(
        etcd=toolchain.path(ETCD.name),
        apiserver=toolchain.path(APISERVER.name),
        controller_manager=toolchain.path(CONTROLLER_MANAGER.name),
        flux_operator=toolchain.path(OPERATOR.name),
        flux_data=module_folder(toolchain.go, FLUX_OPERATOR) / _FLUX_DATA,
    )


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
    owner: ProcessIdentity | None = None,
    on_change: Callable[[GroupState], None] | None = None,
) -> ControlPlane:
    """Bring the control plane of a folder up."""
    plane = ControlPlane(folder.root)
    plane.start(control_plane_programs(toolchain), owner=owner, on_change=on_change)
    return plane


def open_workspace(folder: SandboxFolder, toolchain: Toolchain | None = None) -> Workspace:
    """The engine's workspace of a folder; with no toolchain given, nothing is built for it."""
    tools = toolchain or Toolchain.find()
    if tools is None:
        raise ToolchainError("the toolchain is not complete; `make build` completes it")
    return Workspace.prepare(tools, folder.root, CHECKOUT, overlay=WITHOUT_NODE)
