"""How one Flux object stands, read from the object alone. Pure."""

import re
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from ops.cluster import Namespaced, Object
from ops.cluster.objects import condition, format_time, is_true, lookup, owning, parse_time
from ops.records import Record, record_on
from vocabulary.labels import SUSPENSION
from vocabulary.timing.duration import format_duration, parse_duration

Standing = Literal["new", "failed", "waiting", "unseen", "ready"]
GitOpsState = Literal["ready", "progressing", "failed", "suspended", "static"]

PATIENCE = timedelta(minutes=10)
"""How long something may be under way before it counts as failed; its own timeout may be longer."""

GRACE = timedelta(minutes=1)
"""How much longer than its own timeout; Flux says by then itself that it has failed."""

WAITS = "DependencyNotReady"
"""Reason of what has not failed but waits for another to be ready; Flux tries again by itself."""

_HASH = re.compile(r"(sha\d+:[0-9a-f]{7})[0-9a-f]+")
_STATIC = {"Alert", "Provider"}
"""Kinds that nothing reconciles: they are read when an event comes."""


class GitOpsObject(Namespaced):
    """One Flux object."""

    state: GitOpsState
    """`ready`: converged. `progressing`: under way. `failed`: it cannot, or takes too long.
    `suspended`: Flux leaves it alone. `static`: nothing reconciles this kind."""

    reason: str = ""
    """Flux's reason, as `HealthCheckFailed`."""

    message: str = ""
    """What Flux says."""

    revision: str = ""
    """What is applied, or held ready by a source: `main@sha1:...`."""

    available: str = ""
    """What the source holds ready, where that is known; what is applied lags behind when it
    differs."""

    suspended_since: AwareDatetime | None = None
    """Since when, as far as the object tells."""

    suspension: Record | None = None
    """Who suspended it and why; null when it was not done with `ops`."""

    overdue: bool = False
    """Whether the suspension should have ended by now."""

    @property
    def title(self) -> str:
        """As people write it."""
        return f"{self.kind}/{self.name}"

    @property
    def trouble(self) -> str:
        """What is the matter, in a sentence; empty when it is as it should be."""
        where = f"{self.kind} {self.namespace}/{self.name}"
        why = " ".join(f"{self.reason}: {self.message}".split())[:300]
        return {
            "suspended": f"{where} is suspended, so nothing is applied and no drift is healed",
            "failed": f"{where} has failed: {why}",
            "progressing": f"{where} is not ready yet: {why}",
        }.get(self.state, "")

    @property
    def short_revision(self) -> str:
        """The revision with as much of its hash as people read: `main@sha1:4f2c1d9`."""
        return _HASH.sub(r"\1", self.revision)


def read(item: Object, now: datetime, *, available: str = "") -> GitOpsObject:
    """See how an object stands.

    `available` is the revision of its source's artifact, where it has a source.
    """
    ready = condition(item, "Ready")
    revision = revision_of(item)
    about = {
        "kind": item["kind"],
        "namespace": item["metadata"].get("namespace", ""),
        "name": item["metadata"]["name"],
        "revision": revision,
        "available": available,
    }
    if lookup(item, "spec", "suspend"):
        record = record_on(item, SUSPENSION)
        return GitOpsObject(
            **about,
            state="suspended",
            reason=ready.get("reason", ""),
            message=_held(record),
            suspension=record,
            suspended_since=record.at if record else _suspended_at(item),
            overdue=record is not None and record.is_overdue(now),
        )
    state, message = _state(item, now)
    if state == "ready" and available and revision and available != revision:
        state, message = "progressing", f"{available} is not applied yet"
    return GitOpsObject(**about, state=state, reason=ready.get("reason", ""), message=message)


def patience(item: Object) -> timedelta:
    """How long an object may be under way: as long as its own timeout allows, or `PATIENCE`."""
    try:
        own = parse_duration(str(lookup(item, "spec", "timeout") or "0s"))
    except ValueError:
        return PATIENCE
    return max(PATIENCE, own + GRACE)


def revision_of(item: Object) -> str:
    """What is applied, or held ready."""
    for path in (
        ("status", "lastAppliedRevision"),
        ("status", "artifact", "revision"),
        ("status", "history", 0, "chartVersion"),
    ):
        if found := lookup(item, *path):
            return str(found)
    return ""


def standing(item: Object) -> tuple[Standing, str]:
    """What the conditions of an object come to, and what there is to say of it."""
    ready = condition(item, "Ready")
    message = str(ready.get("message", ""))
    if not ready:
        return "new", "never reconciled: does its controller run?"
    has_failed = ready.get("status") == "False" and ready.get("reason") != WAITS
    if has_failed or is_true(item, "Stalled"):
        return "failed", message
    if ready.get("status") != "True":
        return "waiting", message
    seen = ready.get("observedGeneration", lookup(item, "status", "observedGeneration"))
    if seen is not None and int(seen) < item["metadata"].get("generation", 0):
        return "unseen", "its newest change has not been seen yet"
    return "ready", message


def is_static(item: Object) -> bool:
    """Whether nothing reconciles it; a Helm repository in a registry is asked when needed."""
    in_registry = item["kind"] == "HelmRepository" and lookup(item, "spec", "type") == "oci"
    return item["kind"] in _STATIC or in_registry


def _state(item: Object, now: datetime) -> tuple[GitOpsState, str]:
    what, message = standing(item)
    match what:
        case "failed" | "ready":
            return what, message
        case "new" if is_static(item):
            return "static", ""
    since = condition(item, "Ready").get("lastTransitionTime")
    waited = now - (parse_time(since or item["metadata"].get("creationTimestamp")) or now)
    if what == "unseen" or waited < patience(item):
        return "progressing", message
    minutes = timedelta(minutes=waited // timedelta(minutes=1))
    return "failed", f"for {format_duration(minutes)}: {message}"


def _held(record: Record | None) -> str:
    """Who keeps Flux away from an object, why and how long."""
    if record is None:
        return "nobody said why"
    until = f"until {format_time(record.until)}" if record.until else "without an end"
    return f"by {record}, {until}"


def _suspended_at(item: Object) -> datetime | None:
    """When somebody last wrote `spec.suspend`, by the record of who owns which field."""
    times = (parse_time(entry.get("time")) for entry in owning(item, "spec", "suspend"))
    return max((moment for moment in times if moment), default=None)
