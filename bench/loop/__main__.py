"""`python -m bench.loop`: outages of the demo's services, and after how many runs each is told.

Needs a sandbox with a node that has stood for a while (`make live`): the detector learns first.
Prints a table, and exits with 1 where fewer than nine of ten are told within two runs.
"""

import argparse
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from rich.console import Console
from rich.table import Table

from bench.chaos.runs import until
from sandbox.cluster import Cluster
from sandbox.demo.demo import MONITORING, PLAIN_ENVOY, Demo
from sandbox.folder import SandboxFolder

SERVICES = ("booking-service", "api-service", "notification-service")
WAYS = (("--errors", "1"), ("--errors", "0.5"), ("--delay", "2"), ("--outage",))
"""What is wrong with every pod of the service."""
RUNS = 2
"""Runs of the detector within which an outage is to be told."""
SHARE = 0.9
"""Of the outages."""
LONGEST = timedelta(minutes=10)
"""An outage that nobody tells of ends after it; so long alerts may take to be resolved."""
POLL_SECONDS = 2.0
_HOME = "anomaly-detection"


@dataclass(frozen=True)
class Outage:
    """One that was made, and what was told of it."""

    service: str
    way: str
    seconds: float | None
    """Until the detector told of this service; None: never."""
    runs: int
    """Runs of the detector that had begun since, the one that told included."""

    @property
    def in_time(self) -> bool:
        """Whether it was told soon enough."""
        return self.seconds is not None and self.runs <= RUNS


@dataclass(frozen=True)
class Loop:
    """The demo's services, and what the detector tells of them."""

    demo: Demo

    def outage(self, service: str, way: tuple[str, ...]) -> Outage:
        """Make an outage, wait until it is told, and end it."""
        until(lambda: not self._told(), "nothing is told any more", LONGEST, POLL_SECONDS)
        begun, seconds = datetime.now(UTC), None
        self.demo.faults(service, [*way, "--for", f"{LONGEST.total_seconds():.0f}"])
        try:
            until(lambda: service in self._told(), f"{service} is told", LONGEST, POLL_SECONDS)
            seconds = (datetime.now(UTC) - begun).total_seconds()
        except TimeoutError:
            pass
        finally:
            self.demo.faults(service, ["--none"])
        return Outage(service, " ".join(way), seconds, sum(each > begun for each in self._runs()))

    def _told(self) -> set[str]:
        """Services of which the detector tells now; alerts of rules have no key."""
        with self.demo.cluster.forward(MONITORING, "service/alertmanager", 9093) as port:
            alerts = requests.get(f"http://127.0.0.1:{port}/api/v2/alerts", timeout=30).json()
        labels = (each["labels"] for each in alerts)
        return {each.get("destination_service_name", "") for each in labels if "key" in each}

    def _runs(self) -> Iterator[datetime]:
        """When the detector's runs began."""
        text = self.demo.cluster.run("get", "jobs", f"--namespace={_HOME}", "--output=json")
        for job in json.loads(text)["items"]:
            if begun := job.get("status", {}).get("startTime"):
                yield datetime.fromisoformat(begun)


def main() -> int:
    """Make outages, and print what became of them."""
    parser = argparse.ArgumentParser(prog="bench.loop", description=__doc__)
    parser.add_argument("--folder", type=Path, default=SandboxFolder().root, help="of the sandbox")
    parser.add_argument("--outages", type=int, default=10, help="how many (default 10)")
    options = parser.parse_args()
    kubeconfig = SandboxFolder(options.folder.resolve()).root / "kubeconfig"
    loop, console = Loop(Demo(Cluster(kubeconfig), PLAIN_ENVOY)), Console()
    table = Table("service", "fault", "told after", "runs", "in time")
    pairs = zip(itertools.cycle(SERVICES), itertools.cycle(WAYS), strict=False)
    in_time = 0
    for service, way in itertools.islice(pairs, options.outages):
        each = loop.outage(service, way)
        after = "never" if each.seconds is None else f"{each.seconds:.0f} s"
        row = (each.service, each.way, after, str(each.runs), "yes" if each.in_time else "NO")
        console.print(*row)
        table.add_row(*row)
        in_time += each.in_time
    console.print(table)
    return 0 if in_time >= SHARE * options.outages else 1


if __name__ == "__main__":
    raise SystemExit(main())
