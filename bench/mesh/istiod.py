"""The real istiod as a process of this machine, on loopback, beside a control plane."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

_PATIENCE_SECONDS = 180.0


@dataclass(frozen=True)
class Istiod:
    """One that answers."""

    process: subprocess.Popen[bytes]
    """It."""

    discovery: str
    """Address where proxies ask, in plain text."""

    ready_after: float
    """Seconds from its start until it said that it is ready."""

    @property
    def memory(self) -> int:
        """The most that it ever used, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        (line,) = [each for each in status.splitlines() if each.startswith("VmHWM:")]
        return int(line.split()[1]) // 1024

    @property
    def processor(self) -> float:
        """Seconds of processor time that it has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").split(")")[1]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(program: Path, kubeconfig: Path, folder: Path) -> Iterator[Istiod]:
    """Start istiod, wait until it is ready, and end it afterwards."""
    http, grpc, secure, webhook, monitoring = _free_ports(5)
    folder.mkdir(parents=True)
    mesh = folder / "mesh.yaml"
    mesh.write_text("{}\n", encoding="utf-8")
    command = (
        *(program, "discovery", "--kubeconfig", kubeconfig, "--meshConfig", mesh),
        *("-n", "istio-system", "--registries", "Kubernetes"),
        *("--httpAddr", f"127.0.0.1:{http}", "--grpcAddr", f"127.0.0.1:{grpc}"),
        *("--secureGRPCAddr", f"127.0.0.1:{secure}", "--httpsAddr", f"127.0.0.1:{webhook}"),
        *("--monitoringAddr", f"127.0.0.1:{monitoring}"),
    )
    environment = {
        **os.environ,
        "POD_NAMESPACE": "istio-system",
        "POD_NAME": "istiod-bench",
        "CLUSTER_ID": "Kubernetes",
        "VALIDATION_WEBHOOK_CONFIG_NAME": "",
        "INJECTION_WEBHOOK_CONFIG_NAME": "",
    }
    started = time.monotonic()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait(f"http://127.0.0.1:{http}/ready", process)
            yield Istiod(process, f"127.0.0.1:{grpc}", time.monotonic() - started)
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"istiod is not ready at {url}; its log says why")


def _free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
