"""What goes wrong between us and a real API server, and what is said of it."""

import json
import re
import signal

import pytest
import yaml

from tests.installed import SERVER_SIDE, definitions, listed
from vocabulary.kinds import CONFIG_MAP

pytestmark = pytest.mark.cluster

READER = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRole",
    "metadata": {"name": "kustomizations-only"},
    "rules": [
        {
            "apiGroups": ["kustomize.toolkit.fluxcd.io"],
            "resources": ["kustomizations"],
            "verbs": ["list", "get"],
        }
    ],
}


@pytest.fixture
def restricted(platform, space, tmp_path):
    """The kubeconfig of somebody who may read Kustomizations, and nothing else."""
    role = {**READER, "metadata": {"name": f"kustomizations-only-{space}"}}
    platform.kubectl("apply", "-f", "-", stdin=json.dumps(role))
    platform.kubectl("create", "serviceaccount", "reader", "-n", space)
    platform.kubectl(
        "create", "clusterrolebinding", role["metadata"]["name"],
        f"--clusterrole={role['metadata']['name']}", f"--serviceaccount={space}:reader",
    )  # fmt: skip
    token = platform.kubectl("create", "token", "reader", "-n", space).strip()
    return with_user(platform, {"token": token}, tmp_path)


def with_user(platform, user, folder):
    document = yaml.safe_load(platform.kubeconfig.read_text())
    document["users"] = [{"name": each["name"], "user": user} for each in document["users"]]
    path = folder / "kubeconfig"
    path.write_text(yaml.safe_dump(document))
    return path


class TestRights:
    def test_what_may_not_be_listed_hides_nothing_else(self, command, restricted):
        done = command("gitops", "status", "-o", "json", kubeconfig=restricted)
        assert done.code == 3
        refused = [text for text in done.document["unknown"] if "not allowed" in text]
        assert any(text.startswith("gitrepositories: not allowed") for text in refused)
        assert not any(text.startswith("kustomizations:") for text in refused)

    def test_the_status_says_who_may_not_do_what(self, command, restricted):
        done = command("status", "-o", "json", kubeconfig=restricted)
        assert done.code == 3
        areas = {area["name"]: area for area in done.document["areas"]}
        assert areas["mesh"]["state"] == areas["detector"]["state"] == "unknown"
        assert ":reader" in areas["detector"]["summary"]
        assert "cronjobs" in areas["detector"]["summary"]

    def test_a_write_that_is_not_allowed_is_refused_in_one_line(self, command, restricted, space):
        done = command(
            "gitops", "suspend", "nothing", "-n", space, "--reason", "x", kubeconfig=restricted
        )
        assert done.code == 1
        assert len(done.err.strip().splitlines()) == 1

    def test_wrong_credentials_are_called_so(self, command, platform, tmp_path):
        config = with_user(platform, {"token": "wrong"}, tmp_path)
        done = command("status", kubeconfig=config)
        assert done.code == 1
        assert "does not accept the credentials" in done.err
        assert "log in again" in done.err
        assert "wrong" not in done.err.replace("wrong or expired", "")


class TestServer:
    def test_an_api_server_that_is_gone_is_called_so(self, command, own_sandbox):
        (victim,) = [
            s for s in own_sandbox.plane.group.state().services if s.name == "kube-apiserver"
        ]
        supervisor = own_sandbox.plane.group.state().supervisor
        supervisor.send(signal.SIGSTOP)  # so that nobody starts it again
        try:
            victim.process.send(signal.SIGKILL)
            assert victim.process.wait(seconds=10)
            done = command("status", kubeconfig=own_sandbox.kubeconfig)
        finally:
            supervisor.send(signal.SIGCONT)
        assert done.code == 1
        assert re.search(
            r"does not answer: connection (refused|reset); is the cluster up", done.err
        )

    def test_a_cluster_without_the_platform_says_what_is_missing(self, command, own_sandbox):
        done = command("status", "-o", "json", kubeconfig=own_sandbox.kubeconfig)
        assert done.code == 0
        areas = {area["name"]: area for area in done.document["areas"]}
        assert {area["state"] for area in areas.values()} == {"off"}
        assert "Flux is not installed" in areas["gitops"]["summary"]
        assert "Istio is not installed" in areas["mesh"]["summary"]
        assert "Chaos Mesh is not installed" in areas["chaos"]["summary"]
        assert "detector is not installed" in areas["detector"]["summary"]

    def test_a_certificate_of_somebody_else_is_not_trusted(self, command, platform, tmp_path):
        document = yaml.safe_load(platform.kubeconfig.read_text())
        for each in document["clusters"]:
            each["cluster"].pop("certificate-authority-data", None)
            each["cluster"].pop("certificate-authority", None)
        path = tmp_path / "kubeconfig"
        path.write_text(yaml.safe_dump(document))
        done = command("status", kubeconfig=path)
        assert done.code == 1
        assert "does not answer: certificate verify failed" in done.err


class TestDiscovery:
    def test_every_kind_that_is_installed_is_found_under_its_plural(
        self, cluster, platform, toolchain
    ):
        for definition in definitions(toolchain):
            names, group = definition["spec"]["names"], definition["spec"]["group"]
            (found,) = [k for k in cluster.catalogue.group(group) if k.kind == names["kind"]]
            assert found.plural == names["plural"]
            assert set(names.get("shortNames", ())) <= found.names


class TestPaging:
    def test_more_objects_than_a_page_has_are_all_listed(
        self, cluster, platform, space, monkeypatch
    ):
        documents = [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"c{n}"}}
            for n in range(25)
        ]
        platform.kubectl(*SERVER_SIDE, "-n", space, stdin=listed(documents))
        monkeypatch.setattr("ops.cluster.api.PAGE", 10)
        found = cluster.list_all(CONFIG_MAP, namespace=space)
        names = {item["metadata"]["name"] for item in found}
        assert {f"c{n}" for n in range(25)} <= names
