"""Alerts in words, and the links that go with them."""

import math
from urllib.parse import quote

from anomaly.incidents.alert import Alert
from anomaly.times import utc

AROUND_SECONDS = 3600
"""What a dashboard shows before and after an incident."""


def number(value: float) -> str:
    """A number for people."""
    return f"{value:.4g}" if math.isfinite(value) else "unknown"


def duration(seconds: float) -> str:
    """A span of time for people, to two units."""
    minutes = max(1, round(seconds / 60))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def explanation(alert: Alert) -> str:
    """What was seen, what was expected, since when, and how often before."""
    if alert.direction == "absent":
        seen = f"there is no value where {number(alert.expected)} was expected"
    else:
        seen = (
            f"{number(alert.value)} where {number(alert.expected)} was expected and "
            f"{number(alert.lower)} to {number(alert.upper)} is normal"
        )
    since = f"since {utc(alert.since)}"
    if alert.until is not None:
        since = f"from {utc(alert.since)} to {utc(alert.until)}"
    before = f"; {alert.before} times before" if alert.before else "; for the first time"
    views = f"; seen by {', '.join(alert.views)}" if alert.views else ""
    return f"{seen} (score {number(alert.score)}), {since}{before}{views}"


def link(template: str | None, alert: Alert) -> str | None:
    """A link with everything filled in that depends on the alert."""
    if template is None:
        return None
    end = alert.until if alert.until is not None else alert.last
    return template.format_map(
        {
            "signal": quote(alert.signal, safe=""),
            "service": quote(alert.service, safe=""),
            "from": str(round((alert.since - AROUND_SECONDS) * 1000)),
            "to": str(round((end + AROUND_SECONDS) * 1000)),
        }
    )


def cut(text: str, most: int) -> str:
    """A text of at most so many characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
