"""Puts one node together: its programs, their configuration, and the service that holds them.

What lies in the node's folder afterwards is all that the holder needs.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.control_plane.certificates import KeyPair
from sandbox.debian import Packages
from sandbox.files import write_atomically
from sandbox.folder import CHECKOUT
from sandbox.node import cni, kube_proxy, kubelet, scheduler
from sandbox.node import containerd as cri
from sandbox.node import network_policies as np
from sandbox.node.addresses import NAME as NODE
from sandbox.node.layout import NodeFolder
from sandbox.node.plan import NodePlan
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service, ServiceList

NAME = "node"
_PACKET_FILTER = "nft"
"""What kube-proxy and the CNI plugin portmap write their rules with."""
_SYSTEM_PATH = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")
_TEMPORARY = "/var/tmp"  # noqa: S108 - the node's own


@dataclass(frozen=True)
class NodePrograms:
    """What a node is made of."""

    programs: Mapping[str, Path]
    """Every program under the name by which it is called."""
    packages: Packages | None = None
    """Where `nft` comes from; None takes this machine's."""
    enforces_policies: bool = True
    """Whether network policies are enforced; not every kernel can."""


@dataclass(frozen=True)
class Access:
    """How the node and the API server know each other."""

    authority: Path
    """Certificate authority of both."""
    kubelet_server: KeyPair
    """What kubelet presents itself with."""
    scheduler_server: KeyPair
    """What the scheduler presents itself with."""
    kubelet: Path
    """Kubeconfig, as are the next two."""
    kube_proxy: Path
    scheduler: Path
    network_policies: Path
    api_port: int
    """Where the API server listens, on this machine's loopback."""
    api: Probe
    """Asks the API server anything, as an administrator."""


def node(folder: NodeFolder, programs: NodePrograms, access: Access) -> Service:
    """Write everything that the holder needs; returns the service that runs it."""
    folder.create()
    _link(folder.programs, programs.programs)
    shown = {program.resolve().parent for program in programs.programs.values()}
    shown |= {CHECKOUT, Path(sys.prefix), Path(sys.base_prefix)}
    if programs.packages is not None:
        programs.packages.wrap(folder.programs, _PACKET_FILTER)
        shown.add(programs.packages.root)
    path = os.pathsep.join((str(folder.programs), *_SYSTEM_PATH))
    plan = NodePlan(
        api_port=access.api_port,
        kept=folder.root.parent,
        shown=tuple(sorted(shown)),
        path=path,
    )
    write_atomically(folder.plan, plan.model_dump_json(indent=2))
    services = _services(folder, access, {"PATH": path, "TMPDIR": _TEMPORARY})
    if programs.enforces_policies:
        services.append(np.network_policies(folder, kubeconfig=access.network_policies))
    listed = ServiceList(services=services)
    write_atomically(folder.group.services, listed.model_dump_json(indent=2))
    return Service(
        name=NAME,
        command=(sys.executable, "-m", "sandbox.node", str(folder.root)),
        environment={"PYTHONPATH": str(CHECKOUT), "PATH": path},
        # The API server's own way to kubelet: what this answers is ready from end to end.
        ready=access.api.model_copy(
            update={"url": f"{access.api.url}/api/v1/nodes/{NODE}/proxy/healthz"}
        ),
        endpoint=NODE,
    )


def _services(folder: NodeFolder, access: Access, environment: dict[str, str]) -> list[Service]:
    """What runs in the node, in the order in which it starts."""
    files = folder.configuration
    resolver = files / "resolv.conf"
    write_atomically(resolver, "")  # there is nobody to ask
    _write(folder.cni / cni.FILE, cni.configuration())
    containerd_toml = files / "containerd.toml"
    write_atomically(containerd_toml, cri.configuration(folder, runc=folder.programs / "runc"))
    return [
        cri.containerd(folder, configuration=containerd_toml, environment=environment),
        kubelet.kubelet(
            folder,
            configuration=_write(
                files / "kubelet.json",
                kubelet.configuration(
                    folder,
                    authority=access.authority,
                    certificate=access.kubelet_server.certificate,
                    key=access.kubelet_server.key,
                    resolver=resolver,
                ),
            ),
            kubeconfig=access.kubelet,
            environment=environment,
        ),
        kube_proxy.kube_proxy(
            folder,
            configuration=_write(
                files / "kube-proxy.json",
                kube_proxy.configuration(kubeconfig=access.kube_proxy),
            ),
            environment=environment,
        ),
        scheduler.scheduler(
            folder,
            configuration=_write(
                files / "kube-scheduler.json",
                scheduler.configuration(kubeconfig=access.scheduler),
            ),
            authority=access.authority,
            certificate=access.scheduler_server.certificate,
            key=access.scheduler_server.key,
        ),
    ]


def _write(path: Path, document: Mapping[str, Any]) -> Path:
    write_atomically(path, json.dumps(document, indent=2))
    return path


def _link(folder: Path, programs: Mapping[str, Path]) -> None:
    for name, program in programs.items():
        link = folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(program)
