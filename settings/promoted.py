"""What of a stack's configuration is promoted: tried in staging, then the same in production.

The rest is the environment's own: where it is, how big, when and whom it tells. A new setting is
promoted until it is listed here, so that forgetting it makes the gate strict, not blind.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from promotion.checkout import commit
from promotion.release import Release
from settings.load import Settings
from settings.types import Model

OWN = (
    # How many pods there are and where.
    "services[].namespace",
    "services[].replicas",
    # Which image: compared by digest, not by hash.
    "services[].image",
    "anomaly.image",
    # What Flux follows, whom it tells, and what it leaves behind when it goes.
    "gitops.branch",
    "gitops.slack",
    "gitops.kustomizations[].deletionPolicy",
    # When experiments run, who answers, and whether they run at all; not what they do.
    "chaos.window",
    "chaos.freezes",
    "chaos.killSwitch",
    "chaos.owner",
    "chaos.runbook",
    "chaos.lookaheadWeeks",
    "chaos.schedules[].cron",
    "chaos.schedules[].paused",
    "chaos.workflows[].cron",
    "chaos.workflows[].paused",
    "chaos.workflows[].health.url",
    # Where the detector reads, how much it may use, and whether it runs.
    "anomaly.prometheusUrl",
    "anomaly.prometheusNamespace",
    "anomaly.prometheusAccess",
    "anomaly.enabled",
    "anomaly.resources",
    "anomaly.shards",
    "anomaly.state",
    "anomaly.skipAwait",
    # Whom it tells, and when not.
    "anomaly.results",
    "anomaly.existingSecret",
    "anomaly.masks",
    # Where monitoring runs, and how its parts find each other.
    "observability.namespace",
    "observability.createNamespace",
    "observability.operatorLabels",
    "observability.fluxState",
    "observability.dashboards.folder",
    "observability.dashboards.instanceSelector",
    "observability.dashboards.datasource",
    "observability.dashboards.grafana",
    "observability.rules.runbook",
    # Where the mesh's spans go.
    "mesh.telemetry.collector",
    "mesh.telemetry.collectorPort",
)
"""Places of the configuration that may differ between environments."""

CLUSTER = "cluster"
"""The area that says where it is; of the others all are promoted, and secrets are none."""


def release(settings: Settings) -> Release:
    """What the stack is about to run."""
    return Release(
        environment=settings.environment,
        commit=commit(),
        configuration={area: _hash(content) for area, content in promoted(settings).items()},
        images=images(settings),
    )


def promoted(settings: Settings) -> dict[str, Any]:
    """Area -> what of it must be the same where it was tried and where it is promoted to."""
    areas: dict[str, Any] = {}
    for field in fields(settings):
        area = getattr(settings, field.name)
        if isinstance(area, Model) and field.name != CLUSTER:
            areas[field.name] = area.model_dump(mode="json", by_alias=True)
        elif isinstance(area, tuple):
            areas[field.name] = [entry.model_dump(mode="json", by_alias=True) for entry in area]
    for place in OWN:
        _remove(areas, place.replace("[]", ".[]").split("."))
    return areas


def images(settings: Settings) -> dict[str, str]:
    """Image -> digest, of those that are pinned."""
    return dict(_images(settings))


def _images(settings: Settings) -> Iterator[tuple[str, str]]:
    for service in settings.services:
        if service.image and service.image.digest:
            yield service.image.name, service.image.digest
    if settings.anomaly.install and settings.anomaly.image.digest:
        yield settings.anomaly.image.repository, settings.anomaly.image.digest


def _remove(place: Any, steps: list[str]) -> None:
    first, *rest = steps
    if first == "[]":
        for entry in place:
            _remove(entry, rest)
    elif place is not None and rest:
        _remove(place[first], rest)
    elif place is not None:
        del place[first]


def _hash(content: Any) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
