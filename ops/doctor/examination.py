"""Makes every check; one that cannot be made is unknown and hides no other."""

from collections.abc import Callable, Iterator

from ops.cluster import Cluster
from ops.doctor import platform, workloads
from ops.doctor.document import Check, Examination
from ops.doctor.room import Room
from ops.doctor.stack import Stack
from ops.errors import OpsError, UnreachableError
from ops.prometheus import Prometheus

Examiner = Callable[[Room], Iterator[Check]]

EXAMINERS: tuple[tuple[str, str, Examiner], ...] = (
    ("cluster", "version", platform.version),
    ("cluster", "clock", platform.clock),
    ("cluster", "rights", platform.rights),
    ("cluster", "container runtime", platform.runtime),
    ("cluster", "network policies", platform.network),
    ("cluster", "DNS", platform.dns),
    ("operators", "what is there already", platform.operators),
    ("operators", "Flux", platform.flux),
    ("monitoring", "Prometheus Operator", platform.prometheus_operator),
    ("monitoring", "Prometheus", platform.prometheus),
    ("monitoring", "Grafana", platform.grafana),
    ("services", "catalogue", workloads.services),
    ("services", "gateway", workloads.gateway),
    ("services", "images", workloads.images),
    ("promotion", "gate", platform.gate),
)
"""Area, what is looked at, and who looks."""


def examine(
    cluster: Cluster, stack: Stack | None = None, prometheus: Prometheus | None = None
) -> Examination:
    """Look at a cluster, and hold it against a stack where one is given.

    Raises:
        UnreachableError: when the cluster does not answer at all.
    """
    room = Room(cluster, stack or Stack(), prometheus)
    checks = tuple(check for each in EXAMINERS for check in _made(room, *each))
    well = all(check.state != "unwell" for check in checks)
    return Examination(well=well, cluster=cluster.name, stack=room.stack.name, checks=checks)


def _made(room: Room, area: str, name: str, examiner: Examiner) -> Iterator[Check]:
    try:
        yield from examiner(room)
    except UnreachableError:
        raise
    except OpsError as error:
        yield Check(area=area, name=name, state="unknown", found=f"could not be asked: {error}")
