"""Puts one control plane together: ports, certificates, kubeconfigs, and the services using them.

Certificates are new at every start, so that none ever expires; what stored data depends on (the
encryption key, the key of service-account tokens) is kept.
"""

from dataclasses import dataclass
from pathlib import Path

from sandbox.control_plane import apiserver as api
from sandbox.control_plane import controller_manager as kcm
from sandbox.control_plane import flux_operator as flux
from sandbox.control_plane.certificates import CertificateAuthority, KeyPair, ensure_signing_key
from sandbox.control_plane.encryption import ensure_encryption_configuration
from sandbox.control_plane.etcd import etcd
from sandbox.control_plane.kubeconfig import write_kubeconfig
from sandbox.control_plane.layout import RunFolder
from sandbox.supervision.ports import LOOPBACK, choose_ports
from sandbox.supervision.service import Service

_PORTS = ("etcd", "etcd-peer", "apiserver", "controller-manager", "flux-metrics", "flux-health")
_ADMINISTRATOR = "sandbox-admin"
_ADMINISTRATORS = "system:masters"


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


class Assembly:
    """Everything the services of one control plane share."""

    def __init__(self, folder: RunFolder) -> None:
        folder.create()
        self._folder = folder
        self._ports = choose_ports(_PORTS, folder.ports)
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
        apiserver = self._apiserver(programs.apiserver, store.endpoint)
        services = [store, apiserver, self._controller_manager(programs.controller_manager)]
        if programs.flux_operator is not None and programs.flux_data is not None:
            services.append(
                self._flux_operator(programs.flux_operator, programs.flux_data, apiserver)
            )
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

    def _apiserver(self, program: Path, store_url: str) -> Service:
        return api.apiserver(
            program,
            port=self._ports["apiserver"],
            authority=self._authority,
            server=self._authority.server("apiserver", *api.DNS_NAMES),
            administrator=self._administrator,
            service_accounts=self._service_accounts,
            encryption=self._folder.encryption,
            store=api.Store(
                url=store_url,
                authority=self._store_authority.certificate,
                client=self._store_authority.client("etcd-apiserver", user="kube-apiserver"),
            ),
        )

    def _controller_manager(self, program: Path) -> Service:
        client = self._authority.client("controller-manager", user=kcm.USER)
        kubeconfig = self._folder.controller_manager_kubeconfig
        self._write_kubeconfig(kubeconfig, kcm.USER, client)
        return kcm.controller_manager(
            program,
            port=self._ports["controller-manager"],
            authority=self._authority,
            server=self._authority.server("controller-manager-server"),
            service_accounts=self._service_accounts,
            kubeconfig=kubeconfig,
        )

    def _flux_operator(self, program: Path, data: Path, apiserver: Service) -> Service:
        client = self._authority.client("flux-operator", user=flux.USER, groups=flux.GROUPS)
        kubeconfig = self._folder.flux_operator_kubeconfig
        self._write_kubeconfig(kubeconfig, flux.USER, client)
        return flux.flux_operator(
            program,
            data=data,
            kubeconfig=kubeconfig,
            metrics_port=self._ports["flux-metrics"],
            health_port=self._ports["flux-health"],
            api=apiserver.ready.model_copy(update={"url": apiserver.endpoint}),
        )

    def _write_kubeconfig(self, path: Path, user: str, pair: KeyPair) -> None:
        write_kubeconfig(
            path,
            server=f"https://{LOOPBACK}:{self._ports['apiserver']}",
            authority=self._authority.certificate,
            user=user,
            pair=pair,
        )
