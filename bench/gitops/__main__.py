"""`python -m bench.gitops`: commit to applied, and healing, on a live sandbox that stands."""

import argparse
import statistics
import tempfile
from pathlib import Path

from rich.console import Console

from bench.gitops import measure
from sandbox.cluster import Cluster
from sandbox.demo.demo import PLAIN_ENVOY, Demo
from sandbox.folder import SandboxFolder


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.gitops", description=__doc__)
    parser.add_argument("--folder", type=Path, default=SandboxFolder().root, help="the sandbox")
    parser.add_argument("--rounds", type=int, default=10, help="commits (default 10)")
    parser.add_argument("--objects", type=int, default=500, help="objects that Flux keeps")
    parser.add_argument("--changes", type=int, default=50, help="of them changed by hand")
    options = parser.parse_args()
    console = Console()
    demo = Demo(Cluster(options.folder / "kubeconfig"), PLAIN_ENVOY)
    with tempfile.TemporaryDirectory(prefix="bench-gitops-") as name:
        clone = Path(name) / "clone"
        demo.clone(clone)
        try:
            times = measure.commit_to_applied(demo, clone, options.rounds)
            console.print(
                f"commit to applied, {len(times)} times: median {statistics.median(times):.1f} s, "
                f"{min(times):.1f} to {max(times):.1f} s"
            )
            done = measure.heal(demo, clone, options.objects, options.changes, seed=1)
            console.print(
                f"{done.objects} objects, {done.changed} changed by hand: all as in Git again "
                f"after {done.seconds:.0f} s"
            )
        finally:
            measure.remove(demo, clone)


if __name__ == "__main__":
    main()
