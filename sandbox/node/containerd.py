"""containerd with runc: pulls nothing, pods' processes get the kernel's usual protections."""

from pathlib import Path

from sandbox.node.addresses import LOOPBACK
from sandbox.node.layout import NodeFolder
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

NAME = "containerd"
PAUSE_IMAGE = "localhost/pause:3.10"
_METRICS = f"{LOOPBACK}:1338"
_RUNTIME = "io.containerd.cri.v1.runtime"


def configuration(node: NodeFolder, *, runc: Path) -> str:
    """The configuration file."""
    return f"""\
version = 3
state = "/run/containerd-state"
# Nobody adjusts containers, or installs programs, by plugins.
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt"]

[grpc]
address = "{node.containerd_socket}"

[metrics]
address = "{_METRICS}"

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = "{PAUSE_IMAGE}"

[plugins.'{_RUNTIME}']
# Raising it takes CAP_SYS_RESOURCE, which root does not have on every machine.
restrict_oom_score_adj = true

[plugins.'{_RUNTIME}'.cni]
bin_dirs = ["{node.programs}"]
conf_dir = "{node.cni}"

[plugins.'{_RUNTIME}'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins.'{_RUNTIME}'.containerd.runtimes.runc.options]
BinaryName = "{runc}"
SystemdCgroup = false
"""


def containerd(node: NodeFolder, *, configuration: Path, environment: dict[str, str]) -> Service:
    """The service."""
    return Service(
        name=NAME,
        command=(str(node.programs / NAME), "--config", str(configuration)),
        environment=environment,
        ready=Probe(url=f"http://{_METRICS}/v1/metrics"),
        endpoint=f"unix://{node.containerd_socket}",
    )
