"""The window in UTC minutes is the window that schedules are held against."""

from datetime import UTC, datetime, timedelta

import pytest

from observability.alerting_rules.window import WEEK, _spans, is_open
from settings.chaos import Chaos, LowTraffic

MINUTE = timedelta(minutes=1)
SUNDAY = datetime(2026, 1, 4, tzinfo=UTC)
SUMMER_SUNDAY = datetime(2026, 7, 5, tzinfo=UTC)


def window(**keys):
    return LowTraffic.model_validate({"opens": "02:00", "closes": "06:00"} | keys)


def opened(settings):
    return {minute for first, last in _spans(settings) for minute in range(first, last)}


def allowed(settings, sunday):
    """Minutes of a week in which a run of a minute may begin."""
    span = settings.window()
    return {minute for minute in range(WEEK) if span.contains(sunday + minute * MINUTE, MINUTE)}


@pytest.mark.parametrize(
    "keys",
    [
        {"days": ["mon", "tue", "wed", "thu"]},
        {"days": ["sun"], "opens": "22:00", "closes": "04:00"},
        {"days": ["sat"], "opens": "22:00", "closes": "06:00"},
        {"days": ["mon", "tue"], "opens": "00:00", "closes": "00:00"},
        {"days": ["mon"], "timezone": "Asia/Tokyo"},
        {"days": ["mon"], "timezone": "Asia/Kolkata"},
        {"days": ["sun"], "opens": "20:00", "closes": "23:00", "timezone": "America/Bogota"},
    ],
)
def test_it_is_open_when_experiments_may_run(keys):
    assert opened(window(**keys)) == allowed(window(**keys), SUNDAY)


@pytest.mark.parametrize("zone", ["Europe/Madrid", "America/Havana", "Australia/Sydney"])
def test_with_summer_time_it_is_open_by_either_clock(zone):
    settings = window(days=["mon", "thu"], timezone=zone)
    assert opened(settings) == allowed(settings, SUNDAY) | allowed(settings, SUMMER_SUNDAY)


def test_spans_are_joined_and_in_order():
    spans = _spans(window(days=["mon", "tue", "wed"], opens="00:00", closes="00:00"))
    assert spans == [(1440, 4 * 1440)]


def test_days_of_a_freeze_are_closed_from_midnight_to_midnight_of_the_zone():
    chaos = Chaos.model_validate(
        {
            "window": {"timezone": "Europe/Madrid"},
            "freezes": [{"first": "2026-12-20", "last": "2026-12-31", "reason": "holidays"}],
        }
    )
    first = int(datetime(2026, 12, 19, 23, tzinfo=UTC).timestamp())
    last = int(datetime(2026, 12, 31, 23, tzinfo=UTC).timestamp())
    assert f"unless on () ((vector(time()) >= {first} < {last}))" in is_open(chaos)


def test_without_freezes_none_is_asked_for():
    assert "time()" not in is_open(Chaos())
