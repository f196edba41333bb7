"""Makes every check; one that cannot be made is unknown and hides no other."""

from collections.abc import Callable, Iterator

from ops.areas import Sources
from ops.doctor import images, leftovers, platform, promotion, workloads
from ops.doctor.document import Check, Examination
from ops.doctor.room import Room
from ops.doctor.stack import Stack
from ops.errors import OpsError, UnreachableError

Examiner = Callable[[Room], Iterator[Check]]

EXAMINERS: tuple[tuple[str, str, Examiner], ...] = (
    ("cluster", "version", platform.version),
    ("cluster", "clock", platform.clock),
    ("cluster", "rights", platform.rights),
    ("cluster", "container runtime", platform.runtime),
    ("cluster", "network policies", platform.network),
    ("cluster", "DNS", platform.dns),
    ("cluster", "stack", leftovers.another_stack),
    ("cluster", "namespaces", leftovers.namespaces),
    ("cluster", "webhooks", leftovers.webhooks),
    ("operators", "what is there already", platform.operators),
    ("operators", "Flux", platform.flux),
    ("operators", "sidecars", platform.injection),
    ("operators", "health of experiments", platform.health),
    ("monitoring", "Prometheus Operator", platform.prometheus_operator),
    ("monitoring", "Prometheus", platform.prometheus),
    ("monitoring", "Alertmanager", platform.alertmanager),
    ("monitoring", "Grafana", platform.grafana),
    ("services", "catalogue", workloads.services),
    ("services", "gateway", workloads.gateway),
    ("services", "images", images.images),
    ("promotion", "gate", promotion.gate),
    ("promotion", "signing key", promotion.signing_key),
)
"""Area, what is looked at, and who looks."""


def examine(sources: Sources, stack: Stack | None = None) -> Examination:
    """Look at a cluster, and hold it against a stack where one is given.

    Raises:
        UnreachableError: when the cluster does not answer at all.
    """
    room = Room(sources.cluster, stack or Stack(), sources.prometheus, sources.alertmanager)
    checks = tuple(check for each in EXAMINERS for check in _made(room, *each))
    well = all(check.state != "unwell" for check in checks)
    return Examination(
        well=well, cluster=sources.cluster.name, stack=room.stack.name, checks=checks
    )


def _made(room: Room, area: str, name: str, examiner: Examiner) -> Iterator[Check]:
    try:
        yield from examiner(room)
    except UnreachableError:
        raise
    except OpsError as error:
        yield Check(area=area, name=name, state="unknown", found=f"could not be asked: {error}")
