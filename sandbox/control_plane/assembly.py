"""Puts one control plane together: ports, certificates, kubeconfigs, and the services using them.

Certificates are new at every start, so that none ever expires; what stored data depends on (the
encryption key, the key of service-account tokens) is kept.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.control_plane import apiserver as api
from sandbox.control_plane import controller_manager as kcm
from sandbox.control_plane import flux_operator as flux
from sandbox.control_plane.certificates import CertificateAuthority, KeyPair, ensure_signing_key
from sandbox.control_plane.encryption import ensure_encryption_configuration
from sandbox.control_plane.etcd import etcd
from sandbox.control_plane.forward import FORWARDED, forward
from sandbox.control_plane.kubeconfig import write_kubeconfig
from sandbox.control_plane.layout import RunFolder
from sandbox.files import write_atomically
from sandbox.node import kube_proxy, kubelet, network_policies, node, scheduler
from sandbox.node.addresses import ADDRESS, API_SERVICE
from sandbox.node.addresses import NAME as NODE
from sandbox.node.node import NodePrograms
from sandbox.supervision.ports import LOOPBACK, choose_ports
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import Service

_PORTS = ("etcd", "etcd-peer", "apiserver", "controller-manager", "flux-metrics", "flux-health")
_FORWARDED_PORTS = tuple(target.name for target in FORWARDED)
_ADMINISTRATOR = "sandbox-admin"
_ADMINISTRATORS = "system:masters"
_KUBELET_CLIENT = "kube-apiserver-kubelet-client"


@dataclass(frozen=True)
class Programs:
    """The executables a control plane is made of."""

    etcd: Path
    apiserver: Path
    controller_manager: Path
    flux_operator: Path | None = None
    """None leaves the Flux Operator out: tests that need none start sooner."""
    flux_data: Path | None = None
    """Folder with Flux's release manifests, which the Flux Operator installs from."""
    node: NodePrograms | None = None
    """None leaves the node out: no pod runs, and nothing needs root."""
    kubectl: Path | None = None
    """Forwards ports of the node's monitoring; None forwards none."""


class Assembly:
    """Everything the services of one control plane share."""

    def __init__(self, folder: RunFolder) -> None:
        folder.create()
        self._folder = folder
        self._ports = choose_ports((*_PORTS, *_FORWARDED_PORTS), folder.ports)
        self._authority = CertificateAuthority.create(folder.pki, "kubernetes")
        self._store_authority = CertificateAuthority.create(folder.pki, "etcd")
        self._service_accounts = ensure_signing_key(folder.pki, "service-accounts")
        ensure_encryption_configuration(folder.encryption)
        self._administrator = self._authority.client(
            _ADMINISTRATOR, user=_ADMINISTRATOR, groups=(_ADMINISTRATORS,)
        )
        self._write_kubeconfig(folder.kubeconfig, _ADMINISTRATOR, self._administrator)

    def services(self, programs: Programs) -> list[Service]:
        """The services in the order in which they start."""
        store = self._etcd(programs.etcd)
        way = self._node_way() if programs.node is not None else None
        apiserver = self._apiserver(programs.apiserver, store.endpoint, way)
        services = [store, apiserver, self._controller_manager(programs.controller_manager)]
        if programs.node is not None:
            services.append(self._node(programs.node, apiserver))
        if programs.flux_operator is not None and programs.flux_data is not None:
            services.append(
                self._flux_operator(programs.flux_operator, programs.flux_data, apiserver)
            )
        if programs.kubectl is not None:
            services.extend(self._forwards(programs.kubectl, apiserver))
        return services

    def _etcd(self, program: Path) -> Service:
        return etcd(
            program,
            data=self._folder.etcd_data,
            authority=self._store_authority,
            server=self._store_authority.server("etcd"),
            client=self._store_authority.client("etcd-probe", user="probe"),
            client_port=self._ports["etcd"],
            peer_port=self._ports["etcd-peer"],
        )

    def _apiserver(self, program: Path, store_url: str, node: api.NodeWay | None) -> Service:
        return api.apiserver(
            program,
            port=self._ports["apiserver"],
            authority=self._authority,
            server=self._authority.server(
                "apiserver", *api.DNS_NAMES, addresses=(ADDRESS, API_SERVICE) if node else ()
            ),
            administrator=self._administrator,
            service_accounts=self._service_accounts,
            encryption=self._folder.encryption,
            store=api.Store(
                url=store_url,
                authority=self._store_authority.certificate,
                client=self._store_authority.client("etcd-apiserver", user="kube-apiserver"),
            ),
            node=node,
        )

    def _node_way(self) -> api.NodeWay:
        selection = self._folder.egress_selection
        document = api.egress_selection(self._folder.node.egress_socket)
        write_atomically(selection, json.dumps(document))
        return api.NodeWay(
            selection=selection,
            kubelet_client=self._authority.client(
                "apiserver-kubelet", user=_KUBELET_CLIENT, groups=(_ADMINISTRATORS,)
            ),
        )

    def _node(self, programs: NodePrograms, apiserver: Service) -> Service:
        return node.node(
            self._folder.node,
            programs,
            node.Access(
                authority=self._authority.certificate,
                kubelet_server=self._authority.server("kubelet-server", NODE, addresses=(ADDRESS,)),
                scheduler_server=self._authority.server("kube-scheduler-server"),
                kubelet=self._kubeconfig(kubelet.NAME, kubelet.USER, (kubelet.GROUP,)),
                kube_proxy=self._kubeconfig(kube_proxy.NAME, kube_proxy.USER),
                scheduler=self._kubeconfig(scheduler.NAME, scheduler.USER),
                network_policies=self._kubeconfig(network_policies.NAME, network_policies.USER),
                api_port=self._ports["apiserver"],
                api=_api(apiserver),
            ),
        )

    def _controller_manager(self, program: Path) -> Service:
        return kcm.controller_manager(
            program,
            port=self._ports["controller-manager"],
            authority=self._authority,
            server=self._authority.server("controller-manager-server"),
            service_accounts=self._service_accounts,
            kubeconfig=self._kubeconfig("controller-manager", kcm.USER),
        )

    def _flux_operator(self, program: Path, data: Path, apiserver: Service) -> Service:
        return flux.flux_operator(
            program,
            data=data,
            kubeconfig=self._kubeconfig(flux.NAME, flux.USER, flux.GROUPS),
            metrics_port=self._ports["flux-metrics"],
            health_port=self._ports["flux-health"],
            api=_api(apiserver),
        )

    def _forwards(self, kubectl: Path, apiserver: Service) -> Iterator[Service]:
        for target in FORWARDED:
            port = self._ports[target.name]
            yield forward(target, kubectl, self._folder.kubeconfig, port, _api(apiserver))

    def _kubeconfig(self, name: str, user: str, groups: tuple[str, ...] = ()) -> Path:
        """The way in of a process that acts as this user."""
        path = self._folder.kubeconfig_of(name)
        self._write_kubeconfig(path, user, self._authority.client(name, user=user, groups=groups))
        return path

    def _write_kubeconfig(self, path: Path, user: str, pair: KeyPair) -> None:
        write_kubeconfig(
            path,
            server=f"https://{LOOPBACK}:{self._ports['apiserver']}",
            authority=self._authority.certificate,
            user=user,
            pair=pair,
        )


def _api(apiserver: Service) -> Probe:
    """Asks the API server anything, as an administrator."""
    return apiserver.ready.model_copy(update={"url": apiserver.endpoint})
