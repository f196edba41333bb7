"""What the node's programs are told, and why it matters."""

import json
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from sandbox.control_plane.certificates import KeyPair
from sandbox.node import cni, containerd, dns, storage
from sandbox.node.addresses import API_SERVICE, DNS_SERVICE, NETWORK, PODS, SERVICES
from sandbox.node.layout import NodeFolder
from sandbox.node.node import Access, NodePrograms, node
from sandbox.node.plan import NodePlan
from sandbox.supervision.probe import Probe
from sandbox.supervision.service import ServiceList

API = Probe(url="https://127.0.0.1:6443", authority=Path("/ca"))


@pytest.fixture
def folder(tmp_path):
    return NodeFolder(tmp_path / "run" / "node")


@pytest.fixture
def access():
    pair = KeyPair(Path("/pki/some.crt"), Path("/pki/some.key"))
    return Access(
        authority=Path("/pki/ca.crt"),
        kubelet_server=pair,
        scheduler_server=pair,
        kubelet=Path("/kubelet.kubeconfig"),
        kube_proxy=Path("/kube-proxy.kubeconfig"),
        scheduler=Path("/scheduler.kubeconfig"),
        network_policies=Path("/network-policies.kubeconfig"),
        api_port=6443,
        api=API,
    )


@pytest.fixture
def service(folder, access):
    return node(folder, NodePrograms({"kubelet": Path("/cache/kubelet")}), access)


@pytest.fixture
def inside(service, folder):
    plan = ServiceList.model_validate_json(folder.group.services.read_bytes())
    return {each.name: each for each in plan.services}


def read(folder, name):
    return json.loads((folder.configuration / name).read_text())


def test_the_supervisor_runs_one_process_that_holds_the_node(service, folder):
    """Ready means that the API server reaches kubelet, from end to end."""
    assert service.command[1:] == ("-m", "sandbox.node", str(folder.root))
    assert service.ready.url == f"{API.url}/api/v1/nodes/brisa-node/proxy/healthz"


def test_in_the_node_pods_programs_start_before_what_needs_them(inside):
    """Kubelet without containerd would end."""
    assert list(inside) == [
        "containerd",
        "kubelet",
        "kube-proxy",
        "kube-scheduler",
        "network-policies",
    ]


def test_a_kernel_without_a_queue_enforces_no_network_policy(folder, access):
    """The process could do nothing but end."""
    node(folder, NodePrograms({}, enforces_policies=False), access)
    plan = ServiceList.model_validate_json(folder.group.services.read_bytes())
    assert "network-policies" not in [each.name for each in plan.services]


def test_nothing_of_the_users_environment_reaches_them(inside):
    """A PATH of the sandbox's own is all they get."""
    assert {tuple(each.environment) for each in inside.values()} == {("PATH", "TMPDIR"), ()}


def test_the_path_begins_with_the_pinned_programs(service, folder, inside):
    """An installed kubelet or nft of another version is not taken."""
    path = inside["kubelet"].environment["PATH"].split(":")
    assert path[0] == str(folder.programs)
    assert (folder.programs / "kubelet").readlink() == Path("/cache/kubelet")


def test_the_holder_learns_what_only_it_needs(service, folder):
    """The sandbox's folder is the only one that the node writes to."""
    plan = NodePlan.model_validate_json(folder.plan.read_bytes())
    assert plan.api_port == 6443
    assert plan.kept == folder.root.parent


def test_kubelet_lets_nobody_in_whom_the_api_server_does_not_know(service, folder):
    """Its port is open to every pod."""
    configuration = read(folder, "kubelet.json")
    assert configuration["authentication"]["anonymous"] == {"enabled": False}
    assert configuration["authorization"] == {"mode": "Webhook"}


def test_kubelet_stays_in_the_cgroups_of_this_sandbox(service, folder):
    """Two sandboxes on one machine have different ones."""
    own = read(folder, "kubelet.json")["cgroupRoot"]
    assert own == f"/{folder.cgroup}"
    assert folder.cgroup != NodeFolder(folder.root / "other").cgroup


def test_nothing_changes_the_machines_sysctls(service, folder):
    """Kubelet compares only; kube-proxy's limits are zero: leave them alone."""
    assert read(folder, "kubelet.json")["protectKernelDefaults"] is True
    conntrack = read(folder, "kube-proxy.json")["conntrack"]
    assert (conntrack["maxPerCore"], conntrack["min"]) == (0, 0)


def test_containerd_is_reached_where_kubelet_looks(service, folder):
    """And its configuration is valid TOML."""
    text = containerd.configuration(folder, runc=Path("/cache/runc"))
    configuration = tomllib.loads(text)
    endpoint = read(folder, "kubelet.json")["containerRuntimeEndpoint"]
    assert endpoint == f"unix://{configuration['grpc']['address']}"
    runtime = configuration["plugins"]["io.containerd.cri.v1.runtime"]
    assert runtime["cni"]["conf_dir"] == str(folder.cni)
    assert runtime["containerd"]["runtimes"]["runc"]["options"]["BinaryName"] == "/cache/runc"


def test_pods_get_addresses_of_the_nodes_network():
    """The portal lets the API server through to these and to Services, and to nothing else."""
    pods = cni.configuration()["plugins"][0]["ipam"]["ranges"][0][0]["subnet"]
    assert ip_network(pods).subnet_of(ip_network(NETWORK))
    assert pods == PODS


def test_the_addresses_of_api_and_dns_are_services():
    """The API server takes the first address of the range for itself."""
    services = ip_network(SERVICES)
    assert ip_address(API_SERVICE) == next(services.hosts())
    assert ip_address(DNS_SERVICE) in services
    (service,) = [each for each in dns.objects() if each["kind"] == "Service"]
    assert service["spec"]["clusterIP"] == DNS_SERVICE


def test_every_volume_has_a_folder_in_the_sandbox(folder):
    """It goes away with `down`."""
    folder.create()
    storage.make_folders(folder)
    volumes = [v for v in storage.objects(folder) if v["kind"] == "PersistentVolume"]
    paths = {Path(volume["spec"]["local"]["path"]) for volume in volumes}
    assert paths == set(folder.volumes.iterdir())


def test_claims_that_name_no_class_get_a_volume(folder):
    """The stack's do not name one."""
    storage_class = storage.objects(folder)[0]
    marks = storage_class["metadata"]["annotations"]
    assert marks["storageclass.kubernetes.io/is-default-class"] == "true"
