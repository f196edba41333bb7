"""What Flux's objects and events tell about drift.

A Kustomization heals drift at every interval and only its events tell of it: one that applies the
same revision again and changes something has put something right. A HelmRelease says it outright.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from delivery.cluster import Object
from delivery.drift.report import FluxDrift
from delivery.flux import unready

REVISION = "kustomize.toolkit.fluxcd.io/revision"
"""Annotation of an event: which revision was applied."""

DRIFTED = "has drifted from the desired state"
CORRECTED = "has been corrected"
CHANGED = (" configured", " created")
LONGEST = 2_000


def drift(
    appliers: Sequence[Object],
    sources: Iterable[Object],
    events: Iterable[Object],
    *,
    now: datetime,
    within: timedelta,
) -> tuple[FluxDrift, ...]:
    """What is not applied now, and what was put right lately."""
    current = [
        FluxDrift(kind=each.kind, name=each.name, what=each.what[:LONGEST])
        for each in unready(appliers, sources)
    ]
    lately = sorted((each for each in events if now - _time(each) <= within), key=_time)
    return (*current, *_of_releases(lately), *_of_kustomizations(lately))


def _of_releases(events: Iterable[Object]) -> Iterator[FluxDrift]:
    last: dict[str, FluxDrift] = {}
    for event in events:
        kind, name, message = _about(event)
        if kind == "HelmRelease" and (DRIFTED in message or CORRECTED in message):
            healed = CORRECTED in message
            last[name] = FluxDrift(kind=kind, name=name, what=message, healed=healed)
    yield from last.values()


def _of_kustomizations(events: Iterable[Object]) -> Iterator[FluxDrift]:
    seen: set[tuple[str, str]] = set()
    for event in events:
        kind, name, message = _about(event)
        changes = [line for line in message.splitlines() if line.endswith(CHANGED)]
        revision = (event["metadata"].get("annotations") or {}).get(REVISION, "")
        if kind != "Kustomization" or not changes or not revision:
            continue
        if (name, revision) in seen:
            what = f"was put back to {revision}: {', '.join(changes)}"[:LONGEST]
            yield FluxDrift(kind=kind, name=name, what=what, healed=True)
        seen.add((name, revision))


def _about(event: Object) -> tuple[str, str, str]:
    subject = event.get("involvedObject") or {}
    name = f"{subject.get('namespace', '')}/{subject.get('name', '')}"
    return str(subject.get("kind", "")), name, str(event.get("message", "")).strip()[:LONGEST]


def _time(event: Object) -> datetime:
    series = event.get("series") or {}
    written = series.get("lastObservedTime") or event.get("lastTimestamp")
    written = written or event.get("eventTime") or event["metadata"]["creationTimestamp"]
    return datetime.fromisoformat(str(written))
