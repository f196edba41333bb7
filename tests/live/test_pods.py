"""Pods on a real node: they run, are probed and found, can be looked into, keep what they write."""

import contextlib
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.toolchain.toolchain import kubectl
from tests.live.conftest import LiveSandbox, eventually
from tests.live.workloads import namespace, pod_spec, web

HOME = "live-pods"
_FORWARDED = re.compile(r"Forwarding from 127\.0\.0\.1:(\d+)")


@pytest.fixture(scope="module", autouse=True)
def served(live: LiveSandbox) -> Iterator[None]:
    """A web server of two pods, ready, in a namespace of the module's own."""
    live.apply(namespace(HOME))
    live.apply(*web("web", HOME, replicas=2))
    live.wait("-n", HOME, "--for=condition=Available", "deployment/web")
    yield
    live.kubectl("delete", "namespace", HOME, "--wait=false")


def pod(name: str, script: str, **fields) -> dict:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": HOME},
        "spec": {**pod_spec(script), "restartPolicy": "Never", **fields},
    }


def run(live: LiveSandbox, name: str, script: str) -> str:
    """What a pod prints that runs the script to its end."""
    live.apply(pod(name, script))
    live.wait("-n", HOME, "--for=jsonpath={.status.phase}=Succeeded", f"pod/{name}")
    return live.kubectl("-n", HOME, "logs", name)


def test_the_node_is_ready(live):
    """With the version and the name that everything here expects."""
    nodes = live.get("/api/v1/nodes")["items"]
    (node,) = nodes
    conditions = {c["type"]: c["status"] for c in node["status"]["conditions"]}
    assert node["metadata"]["name"] == "brisa-node"
    assert conditions["Ready"] == "True"
    assert node["status"]["nodeInfo"]["kubeletVersion"] == "v1.37.2"


def test_a_service_is_found_by_name_and_reaches_every_pod_behind_it(live):
    """Through the cluster's DNS and kube-proxy's rules."""
    script = (
        "import urllib.request as u\n"
        f"for _ in range(40): print(u.urlopen('http://web.{HOME}.svc.cluster.local/x')"
        ".read().decode().split()[0])"
    )
    answered = set(run(live, "asks", script).split())
    pods = live.kubectl("-n", HOME, "get", "pods", "-l", "app=web", "-o", "name").split()
    assert answered == {each.removeprefix("pod/") for each in pods}


def test_a_pod_reaches_the_api_server_with_its_own_token(live):
    """Under the name and address that every client library takes by itself."""
    script = (
        "import urllib.request as u, ssl, urllib.error\n"
        "place = '/var/run/secrets/kubernetes.io/serviceaccount'\n"
        "trust = ssl.create_default_context(cafile=place + '/ca.crt')\n"
        "token = {'Authorization': 'Bearer ' + open(place + '/token').read()}\n"
        "ask = u.Request('https://kubernetes.default.svc/version', headers=token)\n"
        "print(u.urlopen(ask, context=trust).status)"
    )
    assert run(live, "asks-api", script) == "200\n"


def test_pods_have_no_way_out(live):
    """Neither to this machine's network nor to other names."""
    script = (
        "import socket\n"
        "for place in ('1.1.1.1', 'example.com'):\n"
        "    try: socket.create_connection((place, 443), 5); print('reached', place)\n"
        "    except OSError as problem: print(type(problem).__name__)"
    )
    assert "reached" not in run(live, "tries", script)


def test_a_pod_that_is_not_restricted_is_refused(live):
    """Pod security is enforced by the API server, and the ones above passed it."""
    unrestricted = pod("root", "print(1)", securityContext={})
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        live.apply(unrestricted)
    assert "violates PodSecurity" in refusal.value.stderr


def test_a_pod_runs_as_it_was_told(live):
    """As nobody, without rights, with the kernel's filter, on a file system it cannot change."""
    script = (
        "import os\n"
        "status = dict(line.split(':\\t', 1) for line in open('/proc/self/status'))\n"
        "print(os.getuid(), status['Seccomp'].strip(), int(status['CapEff'], 16), "
        "status['NoNewPrivs'].strip(), os.access('/', os.W_OK))"
    )
    assert run(live, "restricted", script) == "65532 2 0 1 False\n"


def test_what_root_in_a_pod_writes_to_this_machines_files_stays_in_the_node(live):
    """A hostPath shows the files as the node sees them, with a layer that is forgotten."""
    home = "live-unrestricted"
    live.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": home}})
    places = ["/etc/brisa-was-here", "/srv/brisa-was-here"]
    script = f"for place in {places}: print(open('/host' + place, 'w').write('x'))"
    root = pod("root", script, securityContext={"runAsUser": 0})
    root["metadata"]["namespace"] = home
    root["spec"]["volumes"] = [{"name": "host", "hostPath": {"path": "/"}}]
    (container,) = root["spec"]["containers"]
    container["volumeMounts"] = [{"name": "host", "mountPath": "/host"}]
    container["securityContext"] = {}
    live.apply(root)
    live.wait("-n", home, "--for=jsonpath={.status.phase}=Succeeded", "pod/root")
    assert not any(Path(place).exists() for place in places)
    live.kubectl("delete", "namespace", home, "--wait=false")


def test_a_container_whose_liveness_fails_is_started_again(live):
    """By kubelet, which runs the probe in it."""
    container = {"periodSeconds": 1, "failureThreshold": 1, "initialDelaySeconds": 2}
    probe = {"exec": {"command": ["python3", "-c", "raise SystemExit(1)"]}, **container}
    sick = pod("sick", "import time; time.sleep(600)", restartPolicy="Always")
    sick["spec"]["containers"][0]["livenessProbe"] = probe
    live.apply(sick)
    path = "jsonpath={.status.containerStatuses[0].restartCount}"
    restarts = eventually(
        lambda: int(live.kubectl("-n", HOME, "get", "pod", "sick", "-o", path) or 0),
        what="a restart of the container",
    )
    assert restarts >= 1


def test_exec_runs_in_the_pod(live):
    """Over the API server's way into the node."""
    said = live.kubectl("-n", HOME, "exec", "deploy/web", "--", "python3", "-c", "print(6 * 7)")
    assert said == "42\n"


def test_logs_are_those_of_the_container(live):
    """What the web server wrote first."""
    assert live.kubectl("-n", HOME, "logs", "deploy/web").startswith("serving\n")


def test_port_forward_reaches_the_pod_from_this_machine(live):
    """A port of this machine's loopback becomes one of the pod's."""
    with (
        forwarded(live, "service/web", 80) as port,
        urllib.request.urlopen(f"http://127.0.0.1:{port}/from-outside", timeout=10) as answer,
    ):
        assert answer.read().decode().endswith(" /from-outside\n")


@contextlib.contextmanager
def forwarded(live: LiveSandbox, target: str, port: int) -> Iterator[int]:
    with subprocess.Popen(
        [kubectl(), "-n", HOME, "port-forward", target, f":{port}"],
        env={**os.environ, "KUBECONFIG": str(live.kubeconfig)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            line = process.stdout.readline()
            yield int(_FORWARDED.search(line)[1])
        finally:
            process.terminate()


class TestCronJobs:
    """Jobs by the clock, whose pods share a volume: what the detector is."""

    SCRIPT = (
        "import os\n"
        "runs = len(os.listdir('/state'))\n"
        "open(f'/state/{runs}', 'w').close()\n"
        "print('run', runs, os.stat('/state').st_gid)"
    )

    @pytest.fixture(autouse=True)
    def declared(self, live):
        spec = pod_spec(self.SCRIPT, volumeMounts=[{"name": "state", "mountPath": "/state"}])
        claim = {"persistentVolumeClaim": {"claimName": "state"}}
        spec |= {"restartPolicy": "Never", "volumes": [{"name": "state", **claim}]}
        metadata = {"name": "state", "namespace": HOME}
        live.apply(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": metadata,
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": "64Mi"}},
                },
            },
            {
                "apiVersion": "batch/v1",
                "kind": "CronJob",
                "metadata": metadata,
                "spec": {
                    "schedule": "* * * * *",
                    "concurrencyPolicy": "Forbid",
                    "jobTemplate": {"spec": {"template": {"spec": spec}}},
                },
            },
        )

    def test_the_next_run_finds_what_the_last_one_wrote(self, live):
        """As user and group of its own, on a volume that kubelet gave to that group."""
        live.kubectl("-n", HOME, "create", "job", "by-hand", "--from=cronjob/state")
        live.wait("-n", HOME, "--for=condition=Complete", "job/by-hand")
        first = live.kubectl("-n", HOME, "logs", "job/by-hand")
        assert first.startswith("run ")
        assert first.endswith(" 65532\n")
        before = int(first.split()[1])
        scheduled = eventually(lambda: self.finished(live), what="a scheduled job ended well")
        after = live.kubectl("-n", HOME, "logs", f"job/{scheduled[0]}")
        assert int(after.split()[1]) != before

    @staticmethod
    def finished(live) -> list[str]:
        jobs = live.get(f"/apis/batch/v1/namespaces/{HOME}/jobs")["items"]
        return [
            job["metadata"]["name"]
            for job in jobs
            if job["status"].get("succeeded") and job["metadata"]["name"] != "by-hand"
        ]
