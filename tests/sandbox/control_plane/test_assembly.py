"""What the services of a control plane are told."""

import base64
import stat
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from sandbox.control_plane.assembly import Assembly, Programs
from sandbox.control_plane.layout import RunFolder
from sandbox.node.node import NodePrograms
from sandbox.node.plan import NodePlan


@pytest.fixture
def folder(tmp_path):
    return RunFolder(tmp_path / "run")


@pytest.fixture
def services(folder):
    program = Path("/bin/true")
    programs = Programs(program, program, program, flux_operator=program, flux_data=Path("/data"))
    return {service.name: service for service in Assembly(folder).services(programs)}


def flags(service):
    return dict(argument.removeprefix("--").split("=", 1) for argument in service.command[1:])


def test_they_start_from_the_store_up(services):
    assert list(services) == [
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "flux-operator",
    ]


def test_the_flux_operator_can_be_left_out(folder):
    program = Path("/bin/true")
    services = Assembly(folder).services(Programs(program, program, program))
    assert "flux-operator" not in [service.name for service in services]


def test_the_api_server_knows_everybody_and_obeys_rbac(services):
    options = flags(services["kube-apiserver"])
    assert options["anonymous-auth"] == "false"
    assert options["authorization-mode"] == "RBAC"
    assert options["bind-address"] == "127.0.0.1"


def test_the_store_only_talks_to_clients_of_its_own_authority(services):
    options = flags(services["etcd"])
    assert options["client-cert-auth"] == "true"
    assert options["peer-client-cert-auth"] == "true"
    assert options["trusted-ca-file"] != flags(services["kube-apiserver"])["client-ca-file"]


def test_nothing_of_the_users_environment_reaches_them(services):
    assert services["kube-apiserver"].environment == {}
    assert set(services["flux-operator"].environment) == {
        "GODEBUG",
        "KUBECONFIG",
        "RUNTIME_NAMESPACE",
    }


def test_the_flux_operator_runs_while_its_deployment_exists(services):
    condition = services["flux-operator"].only_while
    assert condition.url.endswith("/apis/apps/v1/namespaces/flux-system/deployments/flux-operator")


def test_no_file_can_be_read_by_others(services, folder):
    files = [path for path in folder.root.rglob("*") if path.is_file()]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(folder.root.stat().st_mode) == 0o700


def test_the_kubeconfig_is_self_contained(services, folder):
    config = yaml.safe_load(folder.kubeconfig.read_text())
    assert config["current-context"] == "brisa-sandbox"
    cluster = config["clusters"][0]["cluster"]
    assert cluster["server"] == services["kube-apiserver"].endpoint
    assert base64.b64decode(cluster["certificate-authority-data"]).startswith(b"-----BEGIN CERT")
    assert set(config["users"][0]["user"]) == {"client-certificate-data", "client-key-data"}


def test_secrets_stay_readable_after_a_restart(services, folder):
    before = folder.encryption.read_text()
    Assembly(folder)
    assert folder.encryption.read_text() == before
    assert "secretbox" in before


class TestWithNode:
    """What changes when a node is wanted, and only then."""

    @pytest.fixture
    def services(self, folder):
        program = Path("/bin/true")
        programs = Programs(program, program, program, node=NodePrograms({}))
        return {service.name: service for service in Assembly(folder).services(programs)}

    def test_the_node_comes_last(self, services):
        assert list(services)[-1] == "node"

    def test_the_api_server_dials_into_the_node_through_its_socket(self, services, folder):
        options = flags(services["kube-apiserver"])
        selection = yaml.safe_load(Path(options["egress-selector-config-file"]).read_text())
        transport = selection["egressSelections"][0]["connection"]["transport"]
        assert transport == {"uds": {"udsName": str(folder.node.egress_socket)}}

    def test_the_node_may_touch_its_own_objects_only(self, services):
        options = flags(services["kube-apiserver"])
        assert options["authorization-mode"] == "Node,RBAC"
        assert options["enable-admission-plugins"] == "NodeRestriction"

    def test_pods_find_the_api_server_where_the_node_has_its_door(self, services, folder):
        assert flags(services["kube-apiserver"])["advertise-address"] == "10.90.0.1"
        assert "endpoint-reconciler-type" not in flags(services["kube-apiserver"])
        plan = NodePlan.model_validate_json(folder.node.plan.read_bytes())
        assert services["kube-apiserver"].endpoint == f"https://127.0.0.1:{plan.api_port}"

    def test_kubelet_is_nobody_but_its_node(self, services, folder):
        config = yaml.safe_load(folder.kubeconfig_of("kubelet").read_text())
        data = config["users"][0]["user"]["client-certificate-data"]
        subject = x509.load_pem_x509_certificate(base64.b64decode(data)).subject
        assert subject.rfc4514_string() == "CN=system:node:brisa-node,O=system:nodes"

    def test_without_a_node_nothing_of_it_is_written(self, folder):
        program = Path("/bin/true")
        services = Assembly(folder).services(Programs(program, program, program))
        options = flags(next(s for s in services if s.name == "kube-apiserver"))
        assert options["authorization-mode"] == "RBAC"
        assert options["advertise-address"] == "127.0.0.1"
        assert not folder.node.root.exists()
        assert not folder.egress_selection.exists()


class TestForwardedPorts:
    @pytest.fixture
    def forwarded(self, folder):
        program = Path("/bin/program")
        programs = Programs(program, program, program, kubectl=Path("/bin/kubectl"))
        services = {s.name: s for s in Assembly(folder).services(programs)}
        return {name: services[name] for name in ("prometheus", "alertmanager")}

    def test_are_there_while_the_cluster_has_who_answers(self, forwarded):
        condition = forwarded["prometheus"].only_while
        assert condition.url.endswith(
            "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/-/ready"
        )
        assert condition.certificate is not None

    def test_listen_on_loopback_only(self, forwarded):
        for service in forwarded.values():
            assert "--address=127.0.0.1" in service.command
            assert service.endpoint.startswith("http://127.0.0.1:")

    def test_each_has_a_port_of_its_own(self, forwarded):
        assert len({service.endpoint for service in forwarded.values()}) == 2
