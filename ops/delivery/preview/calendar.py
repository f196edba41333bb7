"""When experiments start, before a change and after it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ops.chaos.calendar import Rules, calendar_of
from ops.chaos.calendar.month import month as lines_of
from ops.delivery.preview.objects import name_of
from ops.delivery.preview.report import LONGEST_LINE, Firings
from vocabulary.labels import CHAOS_PAUSE
from vocabulary.timing.cron import Cron

SHOWN = 3
"""Starts that are told of each experiment."""

_WRITTEN = "%a %Y-%m-%d %H:%M UTC"


Inputs = Mapping[str, Any] | None
"""A Schedule's inputs; None where it is not there."""


def moved(
    schedules: Mapping[str, tuple[Inputs, Inputs]], now: datetime
) -> tuple[tuple[Firings, ...], tuple[str, ...]]:
    """Whose times change, and then the coming weeks of all, as `ops chaos calendar` shows them.

    By URN, before the change and after it.
    """
    changed = tuple(
        each
        for urn, (old, new) in sorted(schedules.items())
        if (each := firings(name_of(urn, new, old)[:LONGEST_LINE], old, new, now))
    )
    there = [dict(e) for _, e in schedules.values() if e and e.get("spec") and e.get("metadata")]
    return changed, tuple(lines_of(calendar_of(there, Rules(), now))) if changed else ()


def firings(
    name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, now: datetime
) -> Firings | None:
    """How a Schedule's times change; None when they do not."""
    before, after = (() if side is None else _starts(side, now) for side in (old, new))
    return None if before == after else Firings(name=name, before=before, after=after)


def _starts(schedule: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    metadata, spec = schedule.get("metadata") or {}, schedule.get("spec") or {}
    if (metadata.get("annotations") or {}).get(CHAOS_PAUSE) == "true":
        return ("paused",)
    written = str(spec.get("schedule", ""))
    try:
        cron = Cron.parse(written)
    except ValueError:
        return (f"not known: {written[:100]!r} is no schedule",)
    starts: list[datetime] = []
    while len(starts) < SHOWN and (following := cron.next(starts[-1] if starts else now)):
        starts.append(following)
    return tuple(start.astimezone(UTC).strftime(_WRITTEN) for start in starts) or ("never",)
