from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from timing.cron import Cron, time_zone

START = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday


def firings(text, days=1, start=START):
    return [
        firing.astimezone(UTC).strftime("%a %H:%M")
        for firing in Cron.parse(text).firings(start, start + timedelta(days=days))
    ]


class TestParse:
    @pytest.mark.parametrize(
        "text",
        [
            "0 2 * * *",
            "*/10 * * * *",
            "0 2-4/2 * * mon-thu",
            "0,30 2 1 jan *",
            "CRON_TZ=Europe/Madrid 0 2 * * *",
            "TZ=America/Havana 0 2 * * 0",
            "  0 2 * * *  ",
        ],
    )
    def test_accepts_wall_clock_schedules(self, text):
        Cron.parse(text)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "banana",
            "@every 2h",
            "@hourly",
            "0 2 * *",
            "0 0 2 * * *",
            "60 2 * * *",
            "0 24 * * *",
            "0 4-2 * * *",
            "*/0 * * * *",
            "0 2 L * *",
            "0 2 * * 5#2",
            "0 2 ? * *",
            "0 2 30 2 *",
            "CRON_TZ=Mars/Olympus 0 2 * * *",
            "CRON_TZ= 0 2 * * *",
            "CRON_TZ=UTC",
        ],
    )
    def test_refuses_the_rest(self, text):
        with pytest.raises(ValueError, match="is not"):
            Cron.parse(text)

    @pytest.mark.parametrize("text", ["0 2 * * 7", "0 2 * * 1,7", "0 2 * * 5-7"])
    def test_refuses_sunday_as_seven(self, text):
        with pytest.raises(ValueError, match="write 0 or sun"):
            Cron.parse(text)

    @pytest.mark.parametrize("text", ["0 2 1 * 1", "0 2 */2 * mon", "0 2 1 * */2"])
    def test_refuses_a_day_beside_a_weekday(self, text):
        with pytest.raises(ValueError, match="leave one of them"):
            Cron.parse(text)

    def test_reads_utc_unless_told_otherwise(self):
        assert str(Cron.parse("0 2 * * *").zone) == "UTC"
        assert str(Cron.parse("CRON_TZ=Europe/Madrid 0 2 * * *").zone) == "Europe/Madrid"


class TestFirings:
    def test_are_those_after_the_start_up_to_the_end(self):
        assert firings("0 12 * * *", days=2) == ["Tue 12:00", "Wed 12:00"]

    def test_follow_weekday_names(self):
        assert firings("0 2 * * mon-tue", days=8) == ["Tue 02:00", "Mon 02:00", "Tue 02:00"][:3]

    def test_follow_the_time_zone(self):
        assert firings("CRON_TZ=America/Havana 0 22 * * *") == ["Tue 03:00"]

    def test_follow_summer_time(self):
        before = datetime(2027, 3, 27, 12, tzinfo=UTC)
        assert firings("CRON_TZ=Europe/Madrid 0 6 * * *", 2, before) == ["Sun 04:00", "Mon 04:00"]

    def test_are_lazy(self):
        forever = Cron.parse("* * * * *").firings(START, START + timedelta(days=365 * 100))
        assert next(forever) == START + timedelta(minutes=1)


class TestNext:
    def test_is_the_first_one_after(self):
        assert Cron.parse("0 12 * * *").next(START) == START + timedelta(days=1)

    def test_may_be_years_away(self):
        assert Cron.parse("0 0 29 2 *").next(START) == datetime(2028, 2, 29, tzinfo=UTC)


class TestTimeZone:
    def test_is_looked_up(self):
        assert time_zone("UTC") == ZoneInfo("UTC")

    @pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "UTC+1"])
    def test_must_exist(self, name):
        with pytest.raises(ValueError, match="is not a time zone"):
            time_zone(name)
