"""What Flux's objects and events tell about drift.

A Kustomization heals drift at every interval and only its events tell of it: one that applies a
revision with which it had been ready and changes something has put something right. Whether it had
been ready say its earlier events, and where those are gone its history. A HelmRelease says it
outright.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from ops.cluster import Object
from ops.cluster.objects import annotations, lookup, parse_time
from ops.delivery.drift.report import FluxDrift
from ops.gitops.state import GitOpsObject
from vocabulary.kinds import APPLIERS, FLUX_HELM_RELEASE, KUSTOMIZATION
from vocabulary.timing.duration import parse_duration

REVISION = "kustomize.toolkit.fluxcd.io/revision"
"""Annotation of an event: which revision was applied."""

SUCCEEDED = "ReconciliationSucceeded"
DRIFTED = "has drifted from the desired state"
CORRECTED = "has been corrected"
CHANGED = (" configured", " created")
LONGEST = 2_000

Settled = Mapping[tuple[str, str], datetime]
"""Kustomization and revision -> when it had become ready with it."""


def drift(
    objects: Iterable[GitOpsObject],
    kustomizations: Iterable[Object],
    events: Iterable[Object],
    *,
    now: datetime,
    within: timedelta,
) -> tuple[FluxDrift, ...]:
    """What is not applied now, and what was put right lately."""
    kinds = {kind.kind for kind in APPLIERS}
    current = [
        FluxDrift(kind=each.kind, name=f"{each.namespace}/{each.name}", what=each.trouble[:LONGEST])
        for each in objects
        if each.kind in kinds and each.trouble
    ]
    lately = sorted((each for each in events if now - _time(each) <= within), key=_time)
    healed = _of_kustomizations(lately, dict(_settled(kustomizations)))
    return (*current, *_of_releases(lately), *healed)


def _of_releases(events: Iterable[Object]) -> Iterator[FluxDrift]:
    last: dict[str, FluxDrift] = {}
    for event in events:
        kind, name, message = _about(event)
        if kind == FLUX_HELM_RELEASE.kind and (DRIFTED in message or CORRECTED in message):
            healed = CORRECTED in message
            last[name] = FluxDrift(kind=kind, name=name, what=message, healed=healed)
    yield from last.values()


def _of_kustomizations(events: Sequence[Object], settled: Settled) -> Iterator[FluxDrift]:
    last: dict[str, tuple[str, bool]] = {}  # revision that it went for, and whether it got there
    for event in events:
        kind, name, message = _about(event)
        revision = annotations(event).get(REVISION, "")
        if kind != KUSTOMIZATION.kind or not revision:
            continue
        changes = [line for line in message.splitlines() if line.endswith(CHANGED)]
        since = settled.get((name, revision))
        known = since is not None and since < _time(event)
        went_for, was_ready = last.get(name, (revision, known))
        was_ready = was_ready and went_for == revision
        if changes and was_ready:
            what = f"was put back to {revision}: {', '.join(changes)}"[:LONGEST]
            yield FluxDrift(kind=kind, name=name, what=what, healed=True)
        succeeded = event.get("reason") == SUCCEEDED
        failed = event.get("type") == "Warning"
        last[name] = (revision, succeeded or (was_ready and not failed))


def _settled(kustomizations: Iterable[Object]) -> Iterator[tuple[tuple[str, str], datetime]]:
    """From the history that Flux keeps since 2.7: when each revision was first applied well."""
    for item in kustomizations:
        name = f"{item['metadata']['namespace']}/{item['metadata']['name']}"
        for entry in lookup(item, "status", "history") or ():
            first = parse_time(entry.get("firstReconciled"))
            revision = lookup(entry, "metadata", "revision")
            if first and revision and entry.get("lastReconciledStatus") == SUCCEEDED:
                took = parse_duration(entry.get("lastReconciledDuration") or "0s")
                yield (name, str(revision)), first + took


def _about(event: Object) -> tuple[str, str, str]:
    subject = event.get("involvedObject") or {}
    name = f"{subject.get('namespace', '')}/{subject.get('name', '')}"
    return str(subject.get("kind", "")), name, str(event.get("message", "")).strip()[:LONGEST]


def _time(event: Object) -> datetime:
    series = event.get("series") or {}
    written = series.get("lastObservedTime") or event.get("lastTimestamp")
    written = written or event.get("eventTime") or event["metadata"]["creationTimestamp"]
    return datetime.fromisoformat(str(written))
