"""When experiments start, before a change and after it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ops.chaos.calendar import Rules, calendar_of
from ops.chaos.calendar.month import month as lines_of
from ops.delivery.preview.report import Firings
from vocabulary.labels import CHAOS_PAUSE
from vocabulary.timing.cron import Cron

SHOWN = 3
"""Starts that are told of each experiment."""

_WRITTEN = "%a %Y-%m-%d %H:%M UTC"


def month(schedules: Iterable[Mapping[str, Any] | None], now: datetime) -> tuple[str, ...]:
    """The coming weeks of all Schedules by their inputs, as `ops chaos calendar` shows them."""
    there = [dict(each) for each in schedules if each and each.get("spec") and each.get("metadata")]
    return tuple(lines_of(calendar_of(there, Rules(), now)))


def firings(
    name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, now: datetime
) -> Firings | None:
    """How a Schedule's times change; None when they do not.

    Args:
        name: What to call it.
        old: Its inputs as they are; None when it is new.
        new: Its inputs as they will be; None when it goes.
        now: From when on.
    """
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
