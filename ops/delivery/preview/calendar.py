"""When experiments start, before a change and after it."""

from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from ops.chaos.calendar import Rules, calendar_of
from ops.chaos.calendar.month import month as lines_of
from ops.chaos.state import is_paused
from ops.cluster.objects import lookup
from ops.delivery.preview.objects import Inputs, name_of
from ops.delivery.preview.report import Firings
from vocabulary.timing.cron import FARTHEST, Cron

SHOWN = 3
"""Starts that are told of each experiment."""


def moved(
    schedules: Mapping[str, tuple[Inputs, Inputs]], now: datetime
) -> tuple[tuple[Firings, ...], tuple[str, ...]]:
    """Whose times change, and then the coming weeks of all, as `ops chaos calendar` shows them.

    By URN, before the change and after it.
    """
    changed = tuple(
        each
        for urn, (old, new) in sorted(schedules.items())
        if (each := firings(name_of(urn, new, old), old, new, now))
    )
    there = [dict(e) for _, e in schedules.values() if e and e.get("spec") and e.get("metadata")]
    return changed, tuple(lines_of(calendar_of(there, Rules(), now))) if changed else ()


def firings(name: str, old: Inputs, new: Inputs, now: datetime) -> Firings | None:
    """How a Schedule's times change; None when they do not."""
    before, after = (() if side is None else _starts(side, now) for side in (old, new))
    return None if before == after else Firings(name=name, before=before, after=after)


def _starts(schedule: Mapping[str, Any], now: datetime) -> tuple[str, ...]:
    if is_paused(dict(schedule)):
        return ("paused",)
    written = str(lookup(schedule, "spec", "schedule") or "")
    try:
        starts = islice(Cron.parse(written).firings(now, now + FARTHEST), SHOWN)
    except ValueError:
        return (f"not known: {written[:100]!r} is no schedule",)
    return tuple(f"{start:%a %Y-%m-%d %H:%M} UTC" for start in starts) or ("never",)
