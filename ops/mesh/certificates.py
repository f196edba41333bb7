"""How long the mesh's certificates still live.

Workloads report what is left of theirs (`istio_agent_cert_expiry_seconds`: seconds that remain,
not a moment). They live a day and are renewed at half of it, so a few hours left mean that renewal
fails. The root certificate is public and lies in every namespace's `istio-ca-root-cert`.
"""

import ssl
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from ops.cluster import Cluster, Object
from ops.cluster.discovery import CONFIG_MAPS
from ops.cluster.objects import lookup
from ops.documents import Document, Part
from ops.errors import ClusterError, SourceError
from ops.prometheus import Prometheus, Sample
from vocabulary import metrics as m

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


def get_certificates(
    cluster: Cluster,
    prometheus: Prometheus | None = None,
    *,
    workload_below: timedelta = WORKLOAD_BELOW,
    root_below: timedelta = ROOT_BELOW,
) -> Certificates:
    """Ask how long certificates still live."""
    now = datetime.now(UTC)
    unknown: list[str] = []
    roots: list[RootCertificate] = []
    try:
        bundles = cluster.list_all(CONFIG_MAPS, fields={"metadata.name": ROOT_CONFIG_MAP})
        roots += trusted_roots(bundles, now + root_below)
    except ClusterError as error:
        unknown.append(f"trusted root certificates: {error}")
    workloads: list[WorkloadCertificate] = []
    if prometheus is None:
        unknown.append("certificates of workloads: no Prometheus was given")
    else:
        try:
            workloads += workload_certificates(prometheus.query(WORKLOADS), workload_below)
            roots += _reported_roots(prometheus.query(ROOT), now + root_below)
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
    trusting: dict[datetime, list[str]] = {}
    for bundle in bundles:
        for expires in expiries(lookup(bundle, "data", ROOT_KEY) or ""):
            trusting.setdefault(expires, []).append(bundle["metadata"]["namespace"])
    return [
        RootCertificate(expires=expires, low=expires < soon, namespaces=tuple(sorted(spaces)))
        for expires, spaces in trusting.items()
    ]


def expiries(pem: str) -> list[datetime]:
    """When each certificate authority of a bundle ends; what cannot be read is left out."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError):
        return []
    found: list[Mapping[str, object]] = list(context.get_ca_certs())
    seconds = (ssl.cert_time_to_seconds(str(each["notAfter"])) for each in found)
    return [datetime.fromtimestamp(each, UTC) for each in seconds]


def _reported_roots(samples: Iterable[Sample], soon: datetime) -> Iterable[RootCertificate]:
    for _, value in samples:
        expires = datetime.fromtimestamp(value, UTC)
        yield RootCertificate(expires=expires, low=expires < soon, namespaces=())
