"""`python -m bench.mesh`: istiod's pushes and `ops status` with a growing catalogue."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.console import Console
from rich.table import Table

from bench.mesh import contents
from bench.mesh.discovery import CLUSTERS, ENDPOINTS, LISTENERS, ROUTES, Proxy, open_channel
from bench.mesh.istiod import Istiod, running
from bench.program.catalogue import SERVICES
from sandbox.cluster import Cluster
from sandbox.control_plane.plane import ControlPlane
from sandbox.folder import CHECKOUT, SandboxFolder
from sandbox.session import start_control_plane
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import PLATFORM
from sandbox.toolchain.cluster import PILOT_DISCOVERY
from sandbox.toolchain.sources import ISTIO, module_folder

SIZES = (100, 300, 1000)
ROUNDS = 5
DEFINITIONS = "manifests/charts/base/files/crd-all.gen.yaml"


@dataclass(frozen=True)
class Row:
    """What a catalogue of one size costs."""

    services: int
    """How many."""

    objects: int
    """Objects of Istio's kinds."""

    ready: float
    """Seconds until istiod is ready."""

    first: float
    """Seconds until a new proxy has all its configuration."""

    size: int
    """Bytes of it."""

    whole: int
    """Bytes without the Sidecars of `catalogueOnly`."""

    push: float
    """Seconds from a changed route to its arrival at a proxy of every namespace; median."""

    memory: int
    """MiB that istiod used at most."""

    processor: float
    """Seconds of processor time that it used for all that."""

    status: float
    """Seconds of `ops status`; median."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.mesh", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="services")
    options = parser.parse_args()
    progress = Console(stderr=True)
    tools = Toolchain.ensure(progress, (*PLATFORM, PILOT_DISCOVERY))
    rows = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory(prefix="bench-mesh-") as name:
            rows.append(_measure(size, tools, Path(name)))
            progress.print(f"{size} services measured")
    Console().print(_table(rows))


def _measure(size: int, tools: Toolchain, folder: Path) -> Row:
    values = contents.catalogue(size)
    emitted = contents.mesh_objects(values)
    namespaces = sorted({each["namespace"] for each in values["config"][SERVICES]})
    home = SandboxFolder(folder / "run")
    plane = start_control_plane(home, tools)
    try:
        cluster = Cluster(plane.kubeconfig)
        definitions = module_folder(tools.go, ISTIO) / DEFINITIONS
        cluster.apply(definitions.read_text(encoding="utf-8"), owner="bench")
        cluster.run("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        cluster.apply(yaml.safe_dump_all(contents.services_of(values)), owner="bench")
        cluster.apply(yaml.safe_dump_all(emitted), owner="bench")
        with running(
            tools.path(PILOT_DISCOVERY.name), plane.kubeconfig, folder / "istiod"
        ) as istiod:
            first, sent = _first(istiod, namespaces[-1])
            push = _push(istiod, cluster, namespaces)
            status = _status(plane)
            for namespace in namespaces:
                cluster.run("delete", "sidecar", "--all", f"--namespace={namespace}")
            time.sleep(5)
            _, whole = _first(istiod, namespaces[-1])
            return Row(
                size, len(emitted), istiod.ready_after, first, sent, whole, push, istiod.memory,
                istiod.processor, status,
            )  # fmt: skip
    finally:
        plane.stop()


def _first(istiod: Istiod, namespace: str) -> tuple[float, int]:
    """Seconds until a proxy that has just come has everything, and the bytes of it."""
    with open_channel(istiod.discovery) as channel:
        began = time.monotonic()
        proxy = Proxy(channel, namespace, "10.9.9.9")
        clusters = proxy.ask(CLUSTERS)
        known = [each for each in clusters.names if each.startswith("outbound")]
        answers = [clusters, proxy.ask(ENDPOINTS, known), proxy.ask(LISTENERS)]
        answers.append(proxy.ask(ROUTES, [str(contents.PORT)]))
        proxy.close()
    return answers[-1].at - began, sum(each.size for each in answers)


def _push(istiod: Istiod, cluster: Cluster, namespaces: Sequence[str]) -> float:
    """Seconds from a change of the mesh until one proxy of every namespace has it; the median."""
    with open_channel(istiod.discovery) as channel, ExitStack() as stack:
        proxies = []
        for place, namespace in enumerate(namespaces):
            proxy = Proxy(channel, namespace, f"10.9.8.{place + 1}")
            stack.callback(proxy.close)
            proxy.ask(CLUSTERS)
            proxies.append(proxy)
        times = []
        for turn in range(ROUNDS):
            patch = json.dumps({"spec": {"mtls": {"mode": ("PERMISSIVE", "STRICT")[turn % 2]}}})
            began = time.monotonic()
            cluster.run(
                *("patch", "peerauthentication", "default-mtls", "--namespace=istio-system"),
                *("--type=merge", f"--patch={patch}"),
            )
            times.append(max(proxy.next(CLUSTERS).at for proxy in proxies) - began)
        return statistics.median(times)


def _status(plane: ControlPlane) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "ops", "status", "--kubeconfig", str(plane.kubeconfig)],
            cwd=CHECKOUT,
            env=os.environ,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        times.append(time.monotonic() - began)
    return statistics.median(times)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title="a growing catalogue in istiod and `ops status`")
    headings = (
        "services", "objects", "istiod ready", "new proxy", "its configuration",
        "without Sidecars", "push to all", "istiod memory", "istiod processor", "ops status",
    )  # fmt: skip
    for heading in headings:
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            str(row.services),
            str(row.objects),
            f"{row.ready:.1f} s",
            f"{row.first:.2f} s",
            f"{row.size / 1024:.0f} KiB",
            f"{row.whole / 1024:.0f} KiB",
            f"{row.push:.2f} s",
            f"{row.memory} MiB",
            f"{row.processor:.1f} s",
            f"{row.status:.2f} s",
        )
    return table


if __name__ == "__main__":
    main()
