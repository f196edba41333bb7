"""Wall-clock cron schedules, as Kubernetes CronJobs and Chaos Mesh Schedules read them.

Five fields with an optional `CRON_TZ=Zone` in front. `@every` and a seconds field are refused on
purpose: both are anchored to the moment of creation or are too fine to be reviewed. So is whatever
the two readers do not agree on: `L`, `#`, Sunday as 7, and a day of the month beside a weekday.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

FIELDS = 5
EXPECTED = (
    "five wall-clock cron fields such as `0 2-4 * * 1-5`, with `CRON_TZ=Zone ` in front if needed"
)

_VALUE = r"([0-9]+|[A-Za-z]{3})"
_TERM = re.compile(rf"(\*|{_VALUE}(-{_VALUE})?)(/[0-9]+)?")
_SEVEN = re.compile(r"(?<![/\d])7(?!\d)")


@dataclass(frozen=True)
class Cron:
    """A parsed schedule."""

    expression: str
    """The five fields."""

    zone: tzinfo
    """The time zone in which they are read; UTC unless `CRON_TZ` says otherwise."""

    @classmethod
    def parse(cls, text: str) -> "Cron":
        """Read a schedule.

        Raises:
            ValueError: when it is not five wall-clock fields or names an unknown time zone.
        """
        zone_name, expression = "UTC", text.strip()
        if expression.startswith(("CRON_TZ=", "TZ=")):
            zone_text, _, expression = expression.partition(" ")
            zone_name = zone_text.partition("=")[2]
        zone = time_zone(zone_name)
        fields = expression.split()
        if len(fields) != FIELDS or not all(map(_is_portable, fields)):
            raise ValueError(f"{text!r} is not {EXPECTED}")
        _, _, day, _, weekday = fields
        if _SEVEN.search(weekday):
            raise ValueError(
                f"{text!r} says 7 for Sunday, which Chaos Mesh refuses; write 0 or sun"
            )
        if "*" not in (day, weekday):
            raise ValueError(
                f"{text!r} names both a day of the month and a weekday, and cron then fires on "
                "either; leave one of them *"
            )
        try:
            CronSim(expression, datetime(2026, 1, 1, tzinfo=zone))
        except CronSimError as error:
            raise ValueError(f"{text!r} is not {EXPECTED}: {str(error).lower()}") from None
        return cls(expression, zone)

    def firings(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Every firing in the half-open span (start, end].

        In UTC, because civil time neither orders nor adds up well where summer time begins or ends.
        """
        for firing in CronSim(self.expression, start.astimezone(self.zone)):
            if firing > end:
                return
            yield firing.astimezone(UTC)

    def next(self, after: datetime) -> datetime | None:
        """The first firing after a moment; None if there is none within the next years."""
        return next(iter(CronSim(self.expression, after.astimezone(self.zone))), None)


def _is_portable(field: str) -> bool:
    return all(_TERM.fullmatch(term) for term in field.split(","))


def time_zone(name: str) -> ZoneInfo:
    """Look up an IANA time zone.

    Raises:
        ValueError: when there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is not a time zone; use an IANA name such as UTC or America/Havana"
        ) from None
