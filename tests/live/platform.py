"""The whole stack in a node, as `make live` brings it up; tests share one."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from sandbox.cluster import Cluster
from sandbox.demo.demo import HOME, MONITORING, PLAIN_ENVOY, SERVICES_HOME, Demo
from sandbox.folder import CHECKOUT, SandboxFolder

STANDING_VARIABLE = "BRISA_LIVE"
"""Folder of a sandbox that stands already; the tests use it and leave it."""

OUTSIDER, IMAGE = "outsider", "docker.io/library/python:3.11-slim"
WAIT = "import signal; signal.pause()"
ASK = """
import json, sys, urllib.error, urllib.request
url, number, headers = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
for _ in range(number):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            told = {"status": answer.status, "body": json.load(answer)}
    except urllib.error.HTTPError as refusal:
        told = {"status": refusal.code, "body": refusal.read().decode()}
    except OSError as failure:
        told = {"status": 0, "body": str(failure)}
    print(json.dumps(told))
"""
"""Sends requests from inside a pod, one after the other."""


@dataclass(frozen=True)
class Answer:
    """What came of a request."""

    status: int
    """0 where there was no answer."""
    body: Any


@dataclass(frozen=True)
class Platform:
    """A standing stack."""

    folder: SandboxFolder

    @property
    def kubeconfig(self) -> Path:
        return self.folder.root / "kubeconfig"

    @property
    def cluster(self) -> Cluster:
        return Cluster(self.kubeconfig)

    @property
    def demo(self) -> Demo:
        return Demo(self.cluster, PLAIN_ENVOY)

    def kubectl(self, *arguments: str, stdin: str = "") -> str:
        return self.cluster.run(*arguments, stdin=stdin)

    def apply(self, *objects: Mapping[str, Any]) -> None:
        """Have objects as they are given."""
        listed = {"apiVersion": "v1", "kind": "List", "items": [*objects]}
        self.kubectl("apply", "--server-side", "-f", "-", stdin=json.dumps(listed))

    def objects(self, kind: str, namespace: str = SERVICES_HOME, *options: str) -> list[Any]:
        text = self.kubectl("get", kind, f"--namespace={namespace}", *options, "--output=json")
        return json.loads(text)["items"]

    def get(self, kind: str, name: str, namespace: str = SERVICES_HOME) -> Any:
        return self.cluster.get(kind, namespace, name)

    def pods(self, service: str, version: str = "stable") -> list[str]:
        """Names of a service's pods that are ready and not on their way out."""
        found = self.objects("pods", SERVICES_HOME, f"--selector=app={service},version={version}")
        return sorted(
            pod["metadata"]["name"]
            for pod in found
            if "deletionTimestamp" not in pod["metadata"] and _ready(pod)
        )

    def ask(
        self,
        service: str,
        url: str,
        number: int = 1,
        *,
        pod: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> list[Answer]:
        """Send requests from a service's container."""
        chosen = pod or self.pods(service)[0]
        text = self.kubectl(
            "exec",
            f"--namespace={SERVICES_HOME}",
            chosen,
            f"--container={service}",
            "--",
            *("python3", "-c", ASK, url, str(number), json.dumps(dict(headers or {}))),
        )
        return [Answer(**json.loads(line)) for line in text.splitlines()]

    def ask_as_customer(self, url: str) -> Answer:
        """Send a request from the pod of the load, which reaches the gateway only."""
        return self.ask_as_customers(url)[0]

    def ask_as_customers(self, url: str, number: int = 1, host: str | None = None) -> list[Answer]:
        """Send requests from there, to a host that the gateway is known by if one is given."""
        headers = {"host": host} if host else {}
        return self._ask_from(f"--namespace={HOME}", "deployment/load", url, number, headers)

    def ask_from_outside(self, url: str) -> Answer:
        """Send a request from a pod of its own, which is not in the mesh and may go anywhere."""
        place = "--namespace=default"
        self.kubectl(
            *("run", OUTSIDER, place, f"--image={IMAGE}", "--restart=Never"),
            *("--image-pull-policy=IfNotPresent", "--", "python3", "-c", WAIT),
        )
        try:
            self.kubectl("wait", place, f"pod/{OUTSIDER}", "--for=condition=Ready", "--timeout=60s")
            return self._ask_from(place, OUTSIDER, url)[0]
        finally:
            self.kubectl("delete", "pod", OUTSIDER, place, "--now")

    def _ask_from(
        self,
        place: str,
        pod: str,
        url: str,
        number: int = 1,
        headers: Mapping[str, str] | None = None,
    ) -> list[Answer]:
        asking = ("python3", "-c", ASK, url, str(number), json.dumps(dict(headers or {})))
        text = self.kubectl("exec", place, pod, "--", *asking)
        return [Answer(**json.loads(line)) for line in text.splitlines()]

    def proxy_stats(self, pod: str, pattern: str) -> dict[str, float]:
        """Figures of a pod's proxy."""
        text = self.kubectl(
            "exec",
            f"--namespace={SERVICES_HOME}",
            pod,
            "--container=istio-proxy",
            *("--", "pilot-agent", "request", "GET", f"stats?usedonly&filter={pattern}"),
        )
        pairs = (line.rsplit(": ", 1) for line in text.splitlines() if ": " in line)
        return {name: float(value) for name, value in pairs if value.replace(".", "").isdigit()}

    def faults(self, pod: str, service: str, *arguments: str) -> None:
        """Set what is wrong with one pod."""
        self.kubectl(
            "exec",
            f"--namespace={SERVICES_HOME}",
            pod,
            f"--container={service}",
            *("--", "python3", "/program/service.py", "faults", *arguments),
        )

    def prometheus(self, query: str) -> list[dict[str, Any]]:
        """The series of an expression, now."""
        with self.cluster.forward(MONITORING, "service/prometheus", 9090) as port:
            url = f"http://127.0.0.1:{port}/api/v1/query"
            answer = requests.post(url, data={"query": query}, timeout=30).json()
        assert answer["status"] == "success", answer
        return answer["data"]["result"]

    def alerts(self) -> list[dict[str, Any]]:
        """What Alertmanager holds."""
        with self.cluster.forward(MONITORING, "service/alertmanager", 9093) as port:
            return requests.get(f"http://127.0.0.1:{port}/api/v2/alerts", timeout=30).json()

    def sandbox(self, *arguments: str, seconds: float = 1800) -> subprocess.CompletedProcess[str]:
        """Run a command of the sandbox's command line on it."""
        return subprocess.run(
            [sys.executable, "-m", "sandbox", "--folder", str(self.folder.root), *arguments],
            cwd=CHECKOUT,
            env=os.environ,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )


def _ready(pod: Mapping[str, Any]) -> bool:
    conditions = pod["status"].get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
