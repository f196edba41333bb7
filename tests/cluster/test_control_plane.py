"""The control plane with its real processes."""

import signal
import stat
import subprocess
import sys

import pytest
import requests

from sandbox.engine.workspace import Workspace
from sandbox.folder import CHARTS, CHECKOUT
from sandbox.supervision.service import Phase
from tests.cluster.sockets import LOOPBACK, listening_addresses

pytestmark = pytest.mark.cluster

WEBHOOK = """
apiVersion: v1
kind: Namespace
metadata: {name: hooked, labels: {hooked: "true"}}
---
apiVersion: v1
kind: Service
metadata: {name: hook, namespace: hooked}
spec: {ports: [{port: 443}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: hook}
webhooks:
  - name: hook.example.org
    clientConfig: {service: {name: hook, namespace: hooked}}
    namespaceSelector: {matchLabels: {hooked: "true"}}
    objectSelector: {matchExpressions: [{key: exempt, operator: DoesNotExist}]}
    rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
    failurePolicy: Fail
    sideEffects: None
    admissionReviewVersions: [v1]
"""


def processes(running):
    state = running.plane.group.state()
    return {s.name: s.process for s in state.services if s.process is not None}


def command(running, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "sandbox", "--folder", running.folder.root, *arguments],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


class TestRunning:
    def test_it_is_a_kubernetes_of_the_pinned_version(self, sandbox):
        assert sandbox.get("/version")["gitVersion"] == "v1.37.2"

    def test_controllers_work(self, sandbox):
        sandbox.kubectl("create", "namespace", "controllers")
        sandbox.kubectl("wait", "-n", "controllers", "--for=create", "serviceaccount/default")
        sandbox.kubectl("wait", "-n", "controllers", "--for=create", "configmap/kube-root-ca.crt")

    def test_every_socket_is_on_loopback(self, sandbox):
        for name, process in processes(sandbox).items():
            addresses = set(listening_addresses(process.pid))
            assert addresses, name
            assert addresses <= LOOPBACK, name

    def test_the_kubeconfig_is_for_its_owner_only(self, sandbox):
        assert stat.S_IMODE(sandbox.kubeconfig.stat().st_mode) == 0o600

    @pytest.mark.parametrize("path", ["/version", "/healthz", "/api/v1/namespaces"])
    def test_nobody_gets_in_without_a_certificate(self, sandbox, path):
        ca = sandbox.client.verify
        answer = requests.get(f"{sandbox.url}{path}", verify=ca, timeout=30)
        assert answer.status_code == 401

    def test_the_server_proves_who_it_is(self, sandbox):
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{sandbox.url}/version", timeout=30)

    def test_secrets_are_encrypted_at_rest(self, sandbox):
        canary = "canary-value-that-must-not-be-found"
        sandbox.kubectl("create", "secret", "generic", "canary", f"--from-literal=key={canary}")
        files = [path for path in sandbox.plane.folder.etcd_data.rglob("*") if path.is_file()]
        assert files
        assert not any(canary.encode() in path.read_bytes() for path in files)

    def test_webhooks_without_a_server_fail_at_once_and_nobody_else_is_asked(self, sandbox):
        sandbox.kubectl("apply", "-f", "-", stdin=WEBHOOK)
        with pytest.raises(subprocess.CalledProcessError) as refused:
            sandbox.kubectl("create", "configmap", "guarded", "-n", "hooked")
        sandbox.kubectl("delete", "validatingwebhookconfiguration", "hook")
        assert 'no endpoints available for service "hook"' in refused.value.stderr

    def test_starting_it_again_changes_nothing(self, sandbox):
        before = processes(sandbox)
        answer = command(sandbox, "up", "--control-plane-only")
        assert answer.returncode == 0, answer.stderr
        assert processes(sandbox) == before

    def test_its_state_can_be_read_by_scripts(self, sandbox):
        answer = command(sandbox, "status", "-o", "json")
        assert answer.returncode == 0
        assert '"healthy": true' in answer.stdout


class TestTrouble:
    def test_a_killed_api_server_is_reported_and_the_same_command_recovers(self, own_sandbox):
        own_sandbox.kubectl("create", "namespace", "kept")
        victim = processes(own_sandbox)["kube-apiserver"]
        victim.send(signal.SIGKILL)
        assert victim.wait(seconds=10)
        answer = command(own_sandbox, "up", "--control-plane-only")
        assert answer.returncode == 0, answer.stderr
        assert "kube-apiserver ended by itself" in answer.stderr
        assert "killed by SIGKILL" in answer.stderr
        assert own_sandbox.get("/api/v1/namespaces/kept")["status"]["phase"] == "Active"

    def test_a_killed_supervisor_leaves_nothing_and_the_same_command_recovers(self, own_sandbox):
        own_sandbox.kubectl("create", "namespace", "kept")
        before = processes(own_sandbox)
        own_sandbox.plane.group.state().supervisor.send(signal.SIGKILL)
        assert all(process.wait(seconds=10) for process in before.values())
        assert command(own_sandbox, "status").returncode == 3
        answer = command(own_sandbox, "up", "--control-plane-only")
        assert answer.returncode == 0, answer.stderr
        assert "kept" in own_sandbox.kubectl("get", "namespaces")

    def test_down_leaves_no_process_and_no_file(self, own_sandbox):
        before = processes(own_sandbox)
        answer = command(own_sandbox, "down")
        assert answer.returncode == 0, answer.stderr
        assert not any(process.alive for process in before.values())
        assert not own_sandbox.folder.root.exists()

    @pytest.mark.parametrize("damage", ["half", "missing"])
    def test_down_does_not_need_the_files_of_the_folder(self, own_sandbox, damage):
        before = processes(own_sandbox)
        for file in [each for each in own_sandbox.folder.root.iterdir() if each.is_file()]:
            if damage == "half":
                file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
            else:
                file.unlink()
        for words in (["status"], ["down"]):
            answer = command(own_sandbox, *words)
            assert answer.returncode == 0, answer.stderr
            assert "Traceback" not in answer.stderr
        assert not any(process.alive for process in before.values())
        assert not own_sandbox.folder.root.exists()

    def test_two_live_side_by_side(self, sandbox, own_sandbox):
        own_sandbox.kubectl("create", "namespace", "only-here")
        assert sandbox.url != own_sandbox.url
        assert "only-here" not in sandbox.kubectl("get", "namespaces")


@pytest.mark.engine
class TestFluxOperator:
    RELEASE = f"""
import pulumi_kubernetes as k8s

k8s.helm.v3.Release(
    "flux-operator",
    name="flux-operator",
    chart={str(CHARTS / "flux-operator")!r},
    namespace="flux-system",
    create_namespace=True,
    skip_await=True,
)
"""

    def test_it_runs_while_its_release_is_installed(self, own_sandbox, tmp_path, wait_for_phase):
        (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: {name: python, options: {}}\n")
        (tmp_path / "Pulumi.dev.yaml").write_text("config: {}\n")
        (tmp_path / "__main__.py").write_text(self.RELEASE)
        engine = Workspace.prepare(own_sandbox.toolchain, own_sandbox.folder.root, tmp_path)
        engine.up("dev")
        wait_for_phase(own_sandbox, "flux-operator", Phase.READY)
        engine.destroy("dev")
        wait_for_phase(own_sandbox, "flux-operator", Phase.WAITING)


@pytest.fixture
def wait_for_phase():
    """Follow the supervisor's state until a service is in a phase."""

    def wait(running, name, phase):
        state = running.plane.group.state()
        for _ in range(600):
            state = running.plane.group.state()
            found = next(s for s in state.services if s.name == name)
            if found.phase is phase:
                return
            subprocess.run(["sleep", "0.1"], check=True)
        raise AssertionError(f"{name} is {found.phase}, not {phase}")

    return wait
