"""What one area says and another relies on: releases, addresses, rates, who watches experiments.

A check sees whatever areas could be read.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from settings.addresses import is_address
from settings.anomaly import Anomaly
from settings.chaos import Chaos
from settings.mesh import Mesh, NextControlPlane
from settings.observability import Observability
from settings.partial import Remainder
from settings.problems import Problem
from settings.schema import Path
from vocabulary.timing.duration import format_duration

OLDEST = (1, 24)
"""The first minor release of Istio with all that the platform writes."""

SKIPPED = 2
"""Minor releases that an upgrade of Istio may span."""


def check_agreement(
    mesh: Mesh | None,
    chaos: Remainder[Chaos] | None,
    anomaly: Anomaly | None,
    observability: Observability | None,
) -> Iterator[Problem]:
    """All that must hold between areas."""
    if mesh:
        yield from check_versions(mesh)
    if anomaly:
        yield from check_ways(anomaly)
    if anomaly and observability:
        yield from check_rates(anomaly, observability)
    if anomaly and chaos:
        yield from map(chaos.restored, check_guards(chaos.area, anomaly))


def check_versions(mesh: Mesh) -> Iterator[Problem]:
    """Definitions, control plane and proxies are of one release, or on the way to the next."""
    if not mesh.install:
        return
    first = minor(mesh.istiod_chart.version)
    planes: list[tuple[Path, Mesh | NextControlPlane]] = [(("mesh",), mesh)]
    planes += [(("mesh", "next"), mesh.next)] if mesh.next else []
    for path, plane in planes:
        image, chart = minor(plane.image_tag), minor(plane.istiod_chart.version)
        if image and chart and image != chart:
            yield Problem(
                (*path, "imageTag"),
                f"is of another release than the chart istiod, {plane.istiod_chart.version}",
                "a version of the same minor release as istiodChart.version",
                plane.image_tag,
            )
        oldest = OLDEST if plane is mesh else first
        newest = first and plane is not mesh and (first[0], first[1] + SKIPPED)
        if chart and ((oldest and chart < oldest) or (newest and chart > newest)):
            yield Problem(
                (*path, "istiodChart", "version"),
                "is a release that the platform's objects, or Istio's upgrades, do not span",
                f"{OLDEST[0]}.{OLDEST[1]} or newer; a next one at most {SKIPPED} minor releases on",
                plane.istiod_chart.version,
            )
    istiod, base = first, minor(mesh.base_chart.version)
    if base and istiod and base[0] == istiod[0] and base[1] - istiod[1] not in (0, 1):
        yield Problem(
            ("mesh", "baseChart", "version"),
            f"is of another release than the chart istiod, {mesh.istiod_chart.version}",
            "the minor release of istiodChart.version, or the next while that is upgraded",
            mesh.base_chart.version,
        )


def minor(version: str | None) -> tuple[int, int] | None:
    """The minor release of a version; None of what is none."""
    numbers = re.match(r"v?(\d+)\.(\d+)\.", version or "")
    return (int(numbers[1]), int(numbers[2])) if numbers else None


def check_ways(anomaly: Anomaly) -> Iterator[Problem]:
    """The network policy opens the way to where a server is."""
    results = anomaly.results
    prometheus: Path = ("anomaly", "prometheusNamespace")
    servers = [(prometheus, anomaly.prometheus_url, anomaly.prometheus_namespace)]
    for key, server in (
        ("remoteWrite", results.remote_write),
        ("alertmanager", results.alertmanager),
    ):
        if server:
            path: Path = ("anomaly", "results", key)
            servers.append(((*path, "namespace"), server.url, server.namespace))
            servers += [
                ((*path, "replicas", place), url, server.namespace)
                for place, url in enumerate(getattr(server, "replicas", ()))
            ]
    for path, url, namespace in servers:
        host = urlsplit(url).hostname or ""
        names = host.partition(".svc")[0].split(".")
        if namespace and len(names) > 1 and not is_address(host) and names[-1] != namespace:
            yield Problem(
                path,
                f"is not where {host} is, so the network policy would not let the detector there",
                f"{names[-1]}, or null when {host} is outside the cluster",
                namespace,
            )


def check_rates(anomaly: Anomaly, observability: Observability) -> Iterator[Problem]:
    """Rates are taken over several samples."""
    scraping, window = observability.scraping, anomaly.signals.rate_window
    scraped = observability.install and scraping.delivery != "none"
    if scraped and window < 4 * scraping.interval:
        yield Problem(
            ("anomaly", "signals", "rateWindow"),
            f"holds fewer than four samples, which are {format_duration(scraping.interval)} apart",
            f"{format_duration(4 * scraping.interval)} or more, or a shorter "
            "observability.scraping.interval",
            format_duration(window),
        )


def check_guards(chaos: Chaos, anomaly: Anomaly) -> Iterator[Problem]:
    """Findings stop a run only where somebody finds something and Prometheus hears of it."""
    blind = {
        "the stack runs no detector": not anomaly.install,
        "the detector is suspended": not anomaly.enabled,
        "the detector writes no scores": anomaly.results.remote_write is None,
    }
    why = next((why for why, holds in blind.items() if holds), None)
    for key, recurring in (("schedules", chaos.schedules), ("workflows", chaos.workflows)):
        for place, each in enumerate(recurring):
            if each.collateral == "abort" and why:
                yield Problem(
                    ("chaos", key, place, "collateral"),
                    f"asks the detector, but {why}: every run would be stopped",
                    "ignore, or a detector with anomaly.results.remoteWrite",
                    "abort",
                )
