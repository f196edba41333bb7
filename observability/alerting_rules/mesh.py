"""The mesh: plain text, errors, certificates, breakers, refused configuration."""

from collections.abc import Iterator

from observability.alerting_rules.model import SERVICE, SERVICE_LABELS, Alert, Group
from observability.promql.expressions import SERVICE as BY_SERVICE
from observability.promql.expressions import is_, is_not, least, like, rate, select, total
from observability.promql.mesh import RECEIVED, SENT, error_share, of_services
from settings.monitored import Monitored
from vocabulary import metrics as m
from vocabulary.boards import MESH

HIGH_ERROR_SHARE = 0.05
ROOT_DAYS = 30
"""A root is renewed by people; that takes them weeks."""

_CALLER = ("source_workload_namespace", "source_workload")


def mesh(stack: Monitored) -> Group:
    """Alerts about everything in the services' namespaces, in the catalogue or not."""
    homes = "|".join(sorted({service.namespace for service in stack.services}))
    # Renewal starts at half of the lifetime; when a quarter is left it has failed for long.
    quarter = int(stack.mesh.certificate_ttl.total_seconds()) // 4
    rules = (*_traffic(homes), *_certificates(quarter), *_breakers(homes), _refused())
    return Group("mesh", rules)


def _traffic(homes: str) -> Iterator[Alert]:
    there = like(BY_SERVICE[0], homes)
    plain = select(m.REQUESTS, RECEIVED, there, is_not("connection_security_policy", "mutual_tls"))
    yield Alert(
        "MeshPlaintextTraffic",
        f"{total(rate(plain, '5m'), *BY_SERVICE, *_CALLER)} > 0",
        "warning",
        MESH,
        f"{SERVICE} takes requests in plain text",
        "{{ $labels.source_workload }} of {{ $labels.source_workload_namespace }} sends "
        "{{ $value | humanize }} requests a second without mutual TLS: nobody knows who it is.",
        hold="10m",
        labels=SERVICE_LABELS,
    )
    yield Alert(
        "MeshHighErrorRate",
        f"{error_share('5m', SENT, there)} > {HIGH_ERROR_SHARE:g}",
        "warning",
        MESH,
        f"{SERVICE} fails many requests",
        "{{ $value | humanizePercentage }} of the requests that its callers send end with a "
        "server error, after all retries.",
        hold="10m",
        labels=SERVICE_LABELS,
    )


def _certificates(least_seconds: int) -> Iterator[Alert]:
    left = select(m.CERTIFICATE_LEFT, is_("resource_name", "default"))
    yield Alert(
        "MeshWorkloadCertNotRotating",
        f"{least(left, 'namespace', 'pod')} < {least_seconds}",
        "critical",
        MESH,
        "The certificate of {{ $labels.pod }} is not renewed",
        "It expires in {{ $value | humanizeDuration }}, and should have been renewed at half of "
        "its lifetime. After that nobody can talk to the pod.",
        hold="5m",
    )
    yield Alert(
        "MeshRootCertExpiring",
        f"min({m.ROOT_EXPIRY}) - time() < {ROOT_DAYS * 86400}",
        "warning",
        MESH,
        "The mesh's root certificate expires soon",
        "In {{ $value | humanizeDuration }} no certificate of the mesh will be valid any more. "
        "Nothing renews it by itself.",
        hold="1h",
    )


def _breakers(homes: str) -> Iterator[Alert]:
    there = like("cluster_name", rf"outbound.*\\.({homes})\\..*")
    yield Alert(
        "MeshEjectionsHigh",
        f"{of_services(select(m.EJECTIONS_ACTIVE, there), 'max')} > 0",
        "warning",
        MESH,
        f"Pods of {SERVICE} stay ejected",
        "Some caller has taken {{ $value | humanize }} of its pods out of its load balancing for "
        "ten minutes and more, because they keep answering with errors.",
        hold="10m",
        labels=SERVICE_LABELS,
    )
    overflow = " + ".join(
        rate(select(metric, there), "5m") for metric in (m.PENDING_OVERFLOW, m.CONNECTION_OVERFLOW)
    )
    yield Alert(
        "MeshConnectionPoolOverflow",
        f"{of_services(overflow)} > 0",
        "warning",
        MESH,
        f"Callers of {SERVICE} run into its connection pool",
        "{{ $value | humanize }} requests or connections a second are refused by callers' proxies "
        "because the limits of the pool are reached; each refused request is a 503.",
        hold="10m",
        labels=SERVICE_LABELS,
    )


def _refused() -> Alert:
    return Alert(
        "MeshConfigRejected",
        f"{total(rate(m.REJECTS, '5m'), 'type')} > 0",
        "warning",
        MESH,
        "Proxies refuse the mesh's configuration",
        "Some proxy does not take the {{ $labels.type }} that istiod sends, and goes on with what "
        "it had before.",
        hold="10m",
    )
