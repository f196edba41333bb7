"""How long the mesh's certificates still live.

Workloads report what is left of theirs (`istio_agent_cert_expiry_seconds`: seconds that remain,
not a moment). They live a day and are renewed at half of it, so a few hours left mean that renewal
fails. The root certificate is public and lies in every namespace's `istio-ca-root-cert`.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

from cryptography.x509 import load_pem_x509_certificates
from pydantic import AwareDatetime

from ops.cluster import Cluster, Object
from ops.cluster.objects import lookup
from ops.documents import Document, Part
from ops.errors import ClusterError, SourceError
from ops.prometheus import Prometheus, Sample, given
from vocabulary import metrics as m
from vocabulary.kinds import CONFIG_MAP

WORKLOAD_BELOW = timedelta(hours=6)
ROOT_BELOW = timedelta(days=30)
ROOT_CONFIG_MAP = "istio-ca-root-cert"
ROOT_KEY = "root-cert.pem"

WORKLOADS = f"min by (namespace, pod, instance) ({m.CERTIFICATE_LEFT})"
ROOT = f"min({m.ROOT_EXPIRY})"


class WorkloadCertificate(Part):
    """The certificate of one proxy."""

    namespace: str
    """Its namespace."""

    pod: str
    """Its pod."""

    remaining_seconds: float
    """What is left of it."""

    low: bool
    """Whether that is less than it should be."""


class RootCertificate(Part):
    """One root certificate that workloads trust."""

    expires: AwareDatetime
    """When it ends, and with it all traffic inside the mesh."""

    low: bool
    """Whether that is too soon."""

    namespaces: tuple[str, ...]
    """Namespaces whose workloads trust it; empty where istiod reported it."""


class Certificates(Document):
    """How long certificates still live."""

    document: Literal["mesh-certificates/1"] = "mesh-certificates/1"
    """Name and version of this document."""

    at: AwareDatetime
    """When it was asked."""

    well: bool
    """Whether none of those that are known ends too soon."""

    workloads: tuple[WorkloadCertificate, ...]
    """Certificates of workloads, the shortest life first."""

    roots: tuple[RootCertificate, ...]
    """Root certificates, the shortest life first."""

    unknown: tuple[str, ...]
    """What could not be asked, and why."""


def get_certificates(cluster: Cluster, prometheus: Prometheus | None = None) -> Certificates:
    """Ask how long certificates still live."""
    now = datetime.now(UTC)
    unknown: list[str] = []
    roots: list[RootCertificate] = []
    try:
        bundles = cluster.list_all(CONFIG_MAP, fields={"metadata.name": ROOT_CONFIG_MAP})
        roots += trusted_roots(bundles, now + ROOT_BELOW)
    except ClusterError as error:
        unknown.append(f"trusted root certificates: {error}")
    workloads: list[WorkloadCertificate] = []
    try:
        server = given(prometheus)
        workloads += workload_certificates(server.query(WORKLOADS), WORKLOAD_BELOW)
        reported = (datetime.fromtimestamp(value, UTC) for _, value in server.query(ROOT))
        roots += (_root(each, now + ROOT_BELOW) for each in reported)
        if not workloads:
            unknown.append("certificates of workloads: Prometheus has no such series")
    except SourceError as error:
        unknown.append(f"certificates of workloads: {error}")
    if not roots:
        unknown.append(f"root certificate: no ConfigMap {ROOT_CONFIG_MAP} in any namespace")
    return Certificates(
        at=now,
        well=not (any(each.low for each in workloads) or any(each.low for each in roots)),
        workloads=tuple(sorted(workloads, key=lambda each: each.remaining_seconds)),
        roots=tuple(sorted(roots, key=lambda each: each.expires)),
        unknown=tuple(unknown),
    )


def workload_certificates(
    samples: Iterable[Sample], below: timedelta
) -> Iterable[WorkloadCertificate]:
    """The certificates that a query found."""
    for labels, seconds in samples:
        yield WorkloadCertificate(
            namespace=labels.get("namespace", ""),
            pod=labels.get("pod") or labels.get("instance", ""),
            remaining_seconds=seconds,
            low=seconds < below.total_seconds(),
        )


def trusted_roots(bundles: Iterable[Object], soon: datetime) -> list[RootCertificate]:
    """The distinct roots in the namespaces' ConfigMaps."""
    trusting: dict[datetime, list[str]] = defaultdict(list)
    for bundle in bundles:
        for expires in expiries(lookup(bundle, "data", ROOT_KEY) or ""):
            trusting[expires].append(bundle["metadata"]["namespace"])
    return [_root(expires, soon, spaces) for expires, spaces in trusting.items()]


def expiries(pem: str) -> list[datetime]:
    """When each certificate of a bundle ends; nothing for a bundle that cannot be read."""
    try:
        return [each.not_valid_after_utc for each in load_pem_x509_certificates(pem.encode())]
    except ValueError:
        return []


def _root(expires: datetime, soon: datetime, namespaces: Iterable[str] = ()) -> RootCertificate:
    trusting = tuple(sorted(namespaces))
    return RootCertificate(expires=expires, low=expires < soon, namespaces=trusting)
