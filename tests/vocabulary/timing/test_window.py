from datetime import UTC, date, datetime, time, timedelta

import pytest

from vocabulary.timing.cron import time_zone
from vocabulary.timing.window import Freeze, Window, weekdays

MADRID = time_zone("Europe/Madrid")
HALF_HOUR = timedelta(minutes=30)


def moment(text, zone=UTC):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def window(opens, closes, days=("mon", "tue", "wed", "thu", "fri"), zone=UTC):
    return Window(weekdays(days), time.fromisoformat(opens), time.fromisoformat(closes), zone)


class TestWindow:
    @pytest.mark.parametrize(
        "start, inside",
        [
            ("2026-11-23 02:00", True),
            ("2026-11-23 05:30", True),
            ("2026-11-23 01:59", False),
            ("2026-11-23 05:31", False),
            ("2026-11-23 06:00", False),
            ("2026-11-28 03:00", False),
        ],
        ids=["opens", "over as it closes", "early", "late", "closed", "Saturday"],
    )
    def test_holds_a_run_from_start_to_end(self, start, inside):
        assert window("02:00", "06:00").contains(moment(start), HALF_HOUR) is inside

    @pytest.mark.parametrize(
        "start, inside",
        [
            ("2026-11-27 23:00", True),
            ("2026-11-28 01:00", True),
            ("2026-11-28 23:00", False),
            ("2026-11-29 01:00", False),
            ("2026-11-23 01:00", False),
        ],
        ids=["Friday", "Friday's night", "Saturday", "Saturday's night", "Sunday's night"],
    )
    def test_may_run_past_midnight(self, start, inside):
        assert window("22:00", "02:00").contains(moment(start), HALF_HOUR) is inside

    def test_of_a_whole_day(self):
        assert window("00:00", "00:00").contains(moment("2026-11-23 23:00"), timedelta(hours=1))

    def test_is_read_in_its_own_zone(self):
        assert window("02:00", "06:00", zone=MADRID).contains(moment("2026-11-23 01:00"), HALF_HOUR)
        assert not window("02:00", "06:00", zone=MADRID).contains(
            moment("2026-11-23 05:30"), HALF_HOUR
        )

    def test_is_an_hour_shorter_when_summer_time_begins(self):
        sunday = window("01:00", "05:00", days=("sun",), zone=MADRID)
        begins = moment("2027-03-28 01:30", MADRID)
        assert sunday.contains(begins, timedelta(hours=2, minutes=30))
        assert not sunday.contains(begins, timedelta(hours=3))

    def test_is_an_hour_longer_when_summer_time_ends(self):
        sunday = window("01:00", "05:00", days=("sun",), zone=MADRID)
        ends = moment("2027-10-31 01:30", MADRID)
        assert sunday.contains(ends, timedelta(hours=4, minutes=30))


class TestFreeze:
    @pytest.mark.parametrize(
        "start, touched",
        [
            ("2026-12-24 00:00", True),
            ("2026-12-26 23:59", True),
            ("2026-12-23 23:45", True),
            ("2026-12-23 23:00", False),
            ("2026-12-27 00:00", False),
        ],
        ids=["first minute", "last minute", "runs into it", "over before", "after"],
    )
    def test_covers_whole_days(self, start, touched):
        freeze = Freeze(date(2026, 12, 24), date(2026, 12, 26), UTC)
        assert freeze.touches(moment(start), HALF_HOUR) is touched

    def test_is_read_in_its_own_zone(self):
        freeze = Freeze(date(2026, 12, 24), date(2026, 12, 24), MADRID)
        assert freeze.touches(moment("2026-12-23 23:15"), HALF_HOUR)


def test_weekdays_are_numbered_from_monday():
    assert weekdays(["sun", "mon"]) == {0, 6}
