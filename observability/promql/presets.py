"""The standard signals as PromQL: one query each that brings all services.

Pure. Counters are turned into rates before they are summed, so that a restart is no drop; an error
that never happened counts as zero, not as unknown.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from anomaly.config.signals import RATE_WINDOW_SECONDS, Signal

ServiceName = tuple[str, str]
"""Namespace and name."""

QUANTILES = {"latency_p95": 0.95, "latency_p99": 0.99}
GAUGES = {
    "saturation_memory": ("process_resident_memory_bytes", "bytes"),
    "saturation_goroutines": ("go_goroutines", "goroutines"),
}
"""Signal, and the gauge and unit behind it; the fullest pod speaks for its service."""


@dataclass(frozen=True)
class _Source:
    """Metrics of requests, and how they are labelled."""

    labels: tuple[str, str]
    """Labels that hold namespace and name of the service."""
    requests: str
    duration: str
    unit: str
    failed: str
    """Matcher of requests that failed."""
    matchers: tuple[str, ...] = ()
    """Matchers that every selector needs."""


ISTIO = _Source(
    labels=("destination_service_namespace", "destination_service_name"),
    requests="istio_requests_total",
    duration="istio_request_duration_milliseconds",
    unit="milliseconds",
    failed='response_code=~"5.."',
    # Both sidecars count a request; the one at the destination sees every caller.
    matchers=('reporter="destination"',),
)


def istio_signals(
    services: Collection[ServiceName] = (), *, window_seconds: int = RATE_WINDOW_SECONDS
) -> tuple[Signal, ...]:
    """Latency, errors and traffic as Istio's sidecars count them.

    Args:
        services: whom to look at; everybody when empty.
        window_seconds: range of the rates; at least four scrapes.
    """
    return _request_signals(ISTIO, services, window_seconds)


def http_signals(
    services: Collection[ServiceName] = (),
    *,
    labels: tuple[str, str] = ("namespace", "service"),
    status_label: str = "code",
    window_seconds: int = RATE_WINDOW_SECONDS,
) -> tuple[Signal, ...]:
    """Latency, errors and traffic as services with Prometheus' client libraries count them.

    Args:
        services: whom to look at; everybody when empty.
        labels: the labels that hold namespace and name of a service.
        status_label: the label that holds the HTTP status of an answer.
        window_seconds: range of the rates; at least four scrapes.
    """
    source = _Source(
        labels=labels,
        requests="http_requests_total",
        duration="http_request_duration_seconds",
        unit="seconds",
        failed=f'{status_label}=~"5.."',
    )
    return _request_signals(source, services, window_seconds)


def saturation_signals(
    services: Collection[ServiceName] = (),
    *,
    labels: tuple[str, str] = ("namespace", "service"),
) -> tuple[Signal, ...]:
    """Memory and goroutines as the services' processes tell them."""
    selector = ", ".join(_matchers(labels, services))
    return tuple(
        Signal(
            name=name,
            query=f"max by ({', '.join(labels)}) ({gauge}{{{selector}}})",
            kind="saturation",
            service_labels=labels,
            unit=unit,
        )
        for name, (gauge, unit) in GAUGES.items()
    )


def _request_signals(
    source: _Source, services: Collection[ServiceName], window_seconds: int
) -> tuple[Signal, ...]:
    by = ", ".join(source.labels)
    matchers = (*source.matchers, *_matchers(source.labels, services))
    window = _duration(window_seconds)

    def rate(metric: str, *more: str, by: str = by) -> str:
        return f"sum by ({by}) (rate({metric}{{{', '.join((*matchers, *more))}}}[{window}]))"

    total, failed = rate(source.requests), rate(source.requests, source.failed)
    buckets = rate(f"{source.duration}_bucket", by=f"le, {by}")
    common = {"window_seconds": window_seconds, "service_labels": source.labels}
    latencies = (
        Signal(
            name=name,
            query=f"histogram_quantile({fraction}, {buckets})",
            kind="latency",
            traffic=rate(f"{source.duration}_count"),
            unit=source.unit,
            **common,
        )
        for name, fraction in QUANTILES.items()
    )
    return (
        *latencies,
        Signal(
            name="error_rate",
            query=f"({failed} or 0 * {total}) / {total}",
            kind="errors",
            traffic=total,
            unit="of requests",
            **common,
        ),
        Signal(name="traffic", query=total, kind="traffic", unit="requests per second", **common),
    )


def _matchers(labels: tuple[str, str], services: Collection[ServiceName]) -> tuple[str, ...]:
    """Matchers that let the services through, and those with a namespace and a name of theirs."""
    if not services:
        return ()
    columns = zip(labels, zip(*services, strict=True), strict=True)
    return tuple(
        f'{label}=~"{"|".join(map(_literal, sorted(set(names))))}"' for label, names in columns
    )


def _literal(name: str) -> str:
    """A name as it stands in a regular expression in a PromQL string."""
    pattern = re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", name)
    return pattern.replace("\\", "\\\\").replace('"', '\\"')


def _duration(seconds: int) -> str:
    return f"{seconds}s" if seconds % 60 else f"{seconds // 60}m"
