"""The detector's configuration file: how it judges, and one query a signal for all services.

What the environment variables of the CronJob say is not repeated here.
"""

import json
from collections.abc import Mapping, Sequence

from settings.anomaly import Anomaly
from settings.catalogue import Service

BY_SERVICE = "destination_service_namespace, destination_service_name"

RATE_WINDOW = "5m"
"""Several scrapes, so that one that is missed leaves no hole."""

QUERY_TIMEOUT_SECONDS = 30
"""Limit for one query; also what Prometheus is told, so that it does not work for nobody."""


def configuration(settings: Anomaly, services: Sequence[Service]) -> str:
    """The file's text, JSON with sorted keys so that equal settings give equal bytes."""
    document = {
        "lookback_seconds": int(settings.lookback.total_seconds()),
        "step_seconds": int(settings.step.total_seconds()),
        "timeout_seconds": QUERY_TIMEOUT_SECONDS,
        "detector": {"method": settings.method},
        "signals": [{"name": name, "query": query} for name, query in signals(services).items()],
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def signals(services: Sequence[Service]) -> Mapping[str, str]:
    """PromQL by name of the signal, from what Istio's sidecars count for the services."""
    of = _selector(services)
    total = f"sum by ({BY_SERVICE}) (rate(istio_requests_total{{{of}}}[{RATE_WINDOW}]))"
    failed = (
        f"sum by ({BY_SERVICE}) "
        f'(rate(istio_requests_total{{{of}, response_code=~"5.."}}[{RATE_WINDOW}]))'
    )
    return {
        "latency_p95": _latency(0.95, of),
        "latency_p99": _latency(0.99, of),
        # A service without any failure yet has no series of failures; that is zero, not unknown.
        "error_rate": f"({failed} or 0 * {total}) / {total}",
        "traffic": total,
    }


def _latency(fraction: float, of: str) -> str:
    buckets = f"rate(istio_request_duration_milliseconds_bucket{{{of}}}[{RATE_WINDOW}])"
    return f"histogram_quantile({fraction}, sum by (le, {BY_SERVICE}) ({buckets}))"


def _selector(services: Sequence[Service]) -> str:
    # DNS labels: nothing in them means anything in a regular expression.
    names = "|".join(sorted({service.name for service in services}))
    namespaces = "|".join(sorted({service.namespace for service in services}))
    return (
        'reporter="destination", '
        f'destination_service_namespace=~"{namespaces}", destination_service_name=~"{names}"'
    )
