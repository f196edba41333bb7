"""Makes every check; one that cannot be made is unknown and hides no other."""

from collections.abc import Iterator, Mapping

from ops.areas import Sources
from ops.doctor import cluster, images, leftovers, monitoring, operators, promotion, workloads
from ops.doctor.document import Check, Examination
from ops.doctor.room import Examiner, Room, unknown
from ops.errors import OpsError, UnreachableError
from ops.stack import Stack

EXAMINERS: Mapping[str, Mapping[str, Examiner]] = {
    "cluster": {
        "version": cluster.version,
        "clock": cluster.clock,
        "rights": cluster.rights,
        "container runtime": cluster.runtime,
        "network policies": cluster.network,
        "DNS": cluster.dns,
        "stack": leftovers.another_stack,
        "namespace": leftovers.namespaces,
        "webhook": leftovers.webhooks,
    },
    "operators": {
        "what is there already": operators.operators,
        "Flux": operators.flux,
        "sidecars": operators.injection,
        "health of experiments": operators.health,
    },
    "monitoring": {
        "Prometheus Operator": monitoring.prometheus_operator,
        "Prometheus": monitoring.prometheus,
        "Alertmanager": monitoring.alertmanager,
        "Grafana": monitoring.grafana,
    },
    "services": {
        "catalogue": workloads.services,
        "gateway": workloads.gateway,
        "images": images.images,
    },
    "promotion": {
        "gate": promotion.gate,
        "signing key": promotion.signing_key,
    },
}
"""Area -> what is looked at -> who looks."""


def examine(sources: Sources, stack: Stack | None = None) -> Examination:
    """Look at a cluster, and hold it against a stack where one is given.

    Raises:
        UnreachableError: when the cluster does not answer at all.
    """
    room = Room(sources.cluster, stack or Stack(), sources.prometheus, sources.alertmanager)
    checks = tuple(
        check.model_copy(update={"area": area, "name": check.name or name})
        for area, examiners in EXAMINERS.items()
        for name, examiner in examiners.items()
        for check in _made(room, examiner)
    )
    well = all(check.state != "unwell" for check in checks)
    return Examination(
        well=well, cluster=sources.cluster.name, stack=room.stack.name, checks=checks
    )


def _made(room: Room, examiner: Examiner) -> Iterator[Check]:
    try:
        yield from examiner(room)
    except UnreachableError:
        raise
    except OpsError as error:
        yield unknown(f"could not be asked: {error}")
