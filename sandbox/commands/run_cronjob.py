"""`run-cronjob`: the pod of a CronJob, as a process of this machine."""

import argparse
import re
import tempfile
import time
from pathlib import Path

from sandbox.cluster import Cluster
from sandbox.commands.registry import Commands, running_plane
from sandbox.console import MESSAGES
from sandbox.errors import UsageError
from sandbox.folder import SandboxFolder
from sandbox.pods.job import Job
from sandbox.pods.process import Folders, Pod

_MAPPING = re.compile(r"([\w.-]+(?::\d+)?)=(https?://[\w.:-]+(?:/[\w./~%-]*)?)", re.ASCII)
_EPILOG = """\
The sandbox runs no pods; this runs the exact command of one: with its environment, with its
ConfigMaps and Secrets as files, from the API server, and until the Job's deadline. Nothing is
isolated: the process has your rights. Programs are those of this machine. Mount paths in the
command, the environment and text files become folders; what is written to a PersistentVolumeClaim
is kept until `down`. An Indexed Job's pods run one after another. A suspended CronJob runs too.

example:
  python -m sandbox run-cronjob monitoring/report --map prometheus.monitoring:9090=http://127.0.0.1:41234

The exit code is the command's own; 1 also when it could not be run, 2 wrong usage.
"""


def register(commands: Commands) -> None:
    """Add the command."""
    command = commands.add_parser(
        "run-cronjob",
        help="a CronJob's pod, as a process of this machine",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("cron_job", metavar="NAMESPACE/NAME")
    command.add_argument(
        "--map",
        dest="addresses",
        type=_mapping,
        action="append",
        default=[],
        metavar="HOST[:PORT]=URL",
        help="where http(s)://HOST[:PORT] shall lead; may be repeated",
    )
    command.add_argument(
        "--index", type=int, metavar="N", help="only this pod of an Indexed Job (default: all)"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace, folder: SandboxFolder) -> int:
    """Run the pods of one Job; stops at the first that fails."""
    plane = running_plane(folder)
    cluster = Cluster(plane.kubeconfig)
    job = _job(options.cron_job, cluster)
    addresses = dict(options.addresses)
    pods = [Pod.of(job, index, cluster) for index in _indexes(job, options.index)]
    inside = {place for pod in pods for place in pod.check(addresses)}
    for place in sorted(inside):
        MESSAGES.print(
            f"[yellow]warning:[/] {place} is an address inside the cluster; "
            f"--map {place}=URL leads it elsewhere",
            highlight=False,
            soft_wrap=True,
        )
    end = None if job.deadline_seconds is None else time.monotonic() + job.deadline_seconds
    claims = folder.root / "claims" / job.namespace
    code = 0
    for pod in pods:
        with tempfile.TemporaryDirectory(prefix="pod-", dir=folder.root) as place:
            left = None if end is None else max(0.0, end - time.monotonic())
            code = pod.run(Folders(Path(place), claims), addresses, left)
        if code:
            break
    return code


def _mapping(text: str) -> tuple[str, str]:
    parts = _MAPPING.fullmatch(text)
    if parts is None:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not HOST=URL or HOST:PORT=URL, "
            "such as prometheus.monitoring:9090=http://127.0.0.1:41234"
        )
    return parts[1], parts[2]


def _job(text: str, cluster: Cluster) -> Job:
    namespace, _, name = text.partition("/")
    found = cluster.get("CronJob", namespace, name) if namespace and name else None
    if found is None:
        known = ", ".join(cluster.names("CronJob")) or "none"
        raise UsageError(f"there is no CronJob {text!r}; there are: {known}")
    return Job.of(found)


def _indexes(job: Job, wanted: int | None) -> list[int | None]:
    if wanted is None:
        return [*job.indexes] or [None]
    if wanted not in job.indexes:
        last = f"0 to {job.indexes[-1]}" if job.indexes else "none, its Job is not Indexed"
        raise UsageError(f"--index {wanted}: there is no such pod; there are: {last}")
    return [wanted]
