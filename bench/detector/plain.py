"""Results as JSON holds them."""

import dataclasses
import math
from typing import Any

from bench.quality.events import Events

DERIVED = ("precision", "recall", "f1", "false_per_week", "calm_share", "alerts_per_found")


def plain(value: Any) -> Any:
    """Turn dataclasses into objects, and figures that are not known into null."""
    if isinstance(value, Events):
        return plain(_events(value))
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _events(events: Events) -> dict[str, float]:
    """The counts and what follows from them, with two quantiles instead of every delay."""
    counts = {
        field.name: getattr(events, field.name)
        for field in dataclasses.fields(events)
        if field.name != "delays"
    }
    derived = {name: getattr(events, name) for name in DERIVED}
    delays = {"delay_median": events.delay(0.5), "delay_p95": events.delay(0.95)}
    return {**counts, **derived, **delays}
