"""What Istio's proxies and its control plane count."""

from observability.promql.expressions import SERVICE, is_, like, rate, select, total
from vocabulary import metrics as m

SENT = is_("reporter", "source")
"""As callers see it: with what never reached a pod, after all retries."""

RECEIVED = is_("reporter", "destination")
"""As the service's own proxies see it; only they know who came in plain text."""

FAILED = like("response_code", "5..")

_OUTBOUND = r"outbound\\|[0-9]+\\|[^|]*\\|"


def requests(window: str, *matchers: str, by: tuple[str, ...] = SERVICE) -> str:
    """Requests a second."""
    return total(rate(select(m.REQUESTS, *matchers), window), *by)


def failures(window: str, *matchers: str, by: tuple[str, ...] = SERVICE) -> str:
    """Requests a second that failed; a service without any has no such series, which is zero."""
    failed = requests(window, *matchers, FAILED, by=by)
    return f"({failed} or 0 * {requests(window, *matchers, by=by)})"


def error_share(window: str, *matchers: str, by: tuple[str, ...] = SERVICE) -> str:
    """Share of requests that failed."""
    return f"{failures(window, *matchers, by=by)} / {requests(window, *matchers, by=by)}"


def latency(fraction: float, window: str, *matchers: str, by: tuple[str, ...] = SERVICE) -> str:
    """A percentile of the answer time, in milliseconds."""
    buckets = total(rate(select(m.REQUEST_BUCKETS, *matchers), window), "le", *by)
    return f"histogram_quantile({fraction}, {buckets})"


def encrypted_share(window: str, *matchers: str, by: tuple[str, ...] = SERVICE) -> str:
    """Share of requests that came with mutual TLS."""
    mutual = requests(
        window, RECEIVED, *matchers, is_("connection_security_policy", "mutual_tls"), by=by
    )
    everything = requests(window, RECEIVED, *matchers, by=by)
    return f"({mutual} or 0 * {everything}) / {everything}"


def of_services(by_cluster: str, operator: str = "sum") -> str:
    """What proxies record for each of Envoy's clusters, for each service.

    A cluster is called `outbound|8080|stable|api.shop.svc.cluster.local`.
    """
    named = by_cluster
    for label, pattern in (
        (SERVICE[1], rf"{_OUTBOUND}([^.]+)\\..*"),
        (SERVICE[0], rf"{_OUTBOUND}[^.]+\\.([^.;]+).*"),
    ):
        named = f'label_replace({named}, "{label}", "$1", "cluster_name", "{pattern}")'
    return f"{operator} by ({', '.join(SERVICE)}) ({named})"


def clusters_of(names: str, namespaces: str = "[^.]+") -> str:
    """Match the clusters of services; both are regular expressions."""
    return like("cluster_name", rf"{_OUTBOUND}({names})\\.({namespaces})\\..*")
