"""Who takes plain text: how far mutual TLS reaches, by configuration and by measurement."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Literal

from pydantic import AwareDatetime

from ops.cluster import Cluster, Object
from ops.cluster.objects import annotations
from ops.documents import Document, Part
from ops.errors import SourceError
from ops.mesh.modes import (
    ROOT_NAMESPACE,
    Mode,
    effective,
    is_meshed,
    joins,
    template_annotations,
    template_labels,
)
from ops.prometheus import Prometheus, given
from vocabulary import metrics as m
from vocabulary.kinds import (
    DAEMON_SET,
    DEPLOYMENT,
    NAMESPACE,
    PEER_AUTHENTICATION,
    STATEFUL_SET,
)
from vocabulary.labels import PLAIN_TEXT_REASON, PLAIN_TEXT_UNTIL

WORKLOADS = (DEPLOYMENT, STATEFUL_SET, DAEMON_SET)

MEASURED = (
    "sum by (destination_workload_namespace, connection_security_policy) "
    f'(rate({m.REQUESTS}{{reporter=~"destination|waypoint"}}[5m]))'
)
"""Only the receiving side knows how a request came in; the caller's reports `unknown`."""


class OptOut(Part):
    """What the stack says of a service that takes plain text too."""

    until: date
    """Last day."""

    reason: str
    """Why."""


class Workload(Part):
    """One workload of a namespace of the mesh."""

    kind: str
    """Deployment, StatefulSet or DaemonSet."""

    name: str
    """Its name."""

    mode: Mode | None
    """Effective mode; null for a workload without a sidecar, which takes plain text only."""

    exceptions: dict[str, str] = {}
    """Ports with a mode of their own."""

    opt_out: OptOut | None = None
    """What lets those ports take plain text: `plainText` of the service, while its date lasts."""

    @property
    def is_strict(self) -> bool:
        """Whether it takes nothing but mutual TLS, on any port."""
        return self.mode == "STRICT" and set(self.exceptions.values()) <= {"STRICT"}

    @property
    def is_as_declared(self) -> bool:
        """Whether it takes plain text nowhere but where the stack still lets it."""
        return self.is_strict or (self.mode == "STRICT" and self.opt_out is not None)


class MeshNamespace(Part):
    """One namespace of the mesh."""

    name: str
    """Its name."""

    mode: Mode
    """Effective mode of workloads that no policy selects."""

    workloads: tuple[Workload, ...]
    """What runs in it."""

    measured: float | None = None
    """Share of requests of the last five minutes that came by mutual TLS; null when unknown."""

    @property
    def is_as_declared(self) -> bool:
        """Whether nothing in it takes plain text but what the stack still lets."""
        return self.mode == "STRICT" and all(each.is_as_declared for each in self.workloads)


class MutualTls(Document):
    """How far mutual TLS reaches."""

    document: Literal["mesh-mtls/1"] = "mesh-mtls/1"
    """Name and version of this document."""

    at: AwareDatetime
    """When it was asked."""

    well: bool
    """Whether nothing in the mesh takes plain text, but ports that the stack still lets."""

    namespaces: tuple[MeshNamespace, ...]
    """The namespaces of the mesh."""

    measurement: str
    """Where the measured shares come from, or why there are none."""

    @property
    def workloads(self) -> list[Workload]:
        """All of them."""
        return [each for space in self.namespaces for each in space.workloads]

    @property
    def coverage(self) -> float | None:
        """Share of workloads that take nothing but mutual TLS; None without workloads."""
        found = self.workloads
        return sum(each.is_strict for each in found) / len(found) if found else None


def get_mutual_tls(cluster: Cluster, prometheus: Prometheus | None = None) -> MutualTls:
    """Ask how far mutual TLS reaches.

    Raises:
        NotInstalledError: when the cluster has no Istio.
        ClusterError: when something that decides it could not be listed.
    """
    found = cluster.list_each(PEER_AUTHENTICATION, NAMESPACE, *WORKLOADS)
    policies, namespaces, *workloads = found
    shares, measurement = measured_shares(prometheus)
    running = [item for kind in workloads for item in kind]
    spaces = tuple(coverage(namespaces, running, policies, shares=shares))
    return MutualTls(
        at=datetime.now(UTC),
        well=all(each.is_as_declared for each in spaces),
        namespaces=spaces,
        measurement=measurement,
    )


def coverage(
    namespaces: Iterable[Object],
    workloads: Sequence[Object],
    policies: Sequence[Object],
    root_namespace: str = ROOT_NAMESPACE,
    shares: Mapping[str, float] | None = None,
) -> Iterator[MeshNamespace]:
    """The effective modes of the mesh's namespaces, with the shares that were measured. Pure."""
    for space in sorted(namespaces, key=lambda each: str(each["metadata"]["name"])):
        name = space["metadata"]["name"]
        inside = [each for each in workloads if each["metadata"]["namespace"] == name]
        rows = [_workload(item, space, policies, root_namespace) for item in inside]
        if not is_meshed(space) and all(each.mode is None for each in rows):
            continue
        yield MeshNamespace(
            name=name,
            mode=effective(name, None, policies, root_namespace)[0],
            workloads=tuple(sorted(rows, key=lambda each: each.name)),
            measured=(shares or {}).get(name),
        )


def measured_shares(prometheus: Prometheus | None) -> tuple[dict[str, float], str]:
    """Share of requests by mutual TLS in each namespace, and where that comes from."""
    try:
        answer = given(prometheus).query(MEASURED)
    except SourceError as error:
        return {}, f"not measured: {error}"
    totals: dict[str, float] = defaultdict(float)
    secure: dict[str, float] = defaultdict(float)
    for labelled, value in answer:
        space = labelled.get("destination_workload_namespace", "")
        totals[space] += value
        if labelled.get("connection_security_policy") == "mutual_tls":
            secure[space] += value
    shares = {space: secure[space] / total for space, total in totals.items() if total}
    return shares, "requests of the last five minutes" if shares else "no requests were measured"


def _workload(item: Object, space: Object, policies: Sequence[Object], root: str) -> Workload:
    kind, name, pod = item["kind"], item["metadata"]["name"], template_labels(item)
    if not joins(pod, template_annotations(item), space):
        return Workload(kind=kind, name=name, mode=None)
    mode, ports, policy = effective(space["metadata"]["name"], pod, policies, root)
    return Workload(kind=kind, name=name, mode=mode, exceptions=ports, opt_out=_opt_out(policy))


def _opt_out(policy: Object) -> OptOut | None:
    noted = annotations(policy)
    try:
        until = date.fromisoformat(noted.get(PLAIN_TEXT_UNTIL, ""))
    except ValueError:
        return None
    if datetime.now(UTC).date() > until:
        return None
    return OptOut(until=until, reason=noted.get(PLAIN_TEXT_REASON, ""))
