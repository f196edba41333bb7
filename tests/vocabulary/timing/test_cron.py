import json
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from vocabulary.timing.cron import Cron, time_zone

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


RECORDED = [
    json.loads(line)
    for line in Path(__file__).with_name("robfig-cron-3.0.1.jsonl").read_text().splitlines()
]


class TestChangesOfTheClock:
    """Chaos Mesh and Kubernetes compute firings with robfig/cron 3.0.1, so that is what counts.

    Every line of the file holds what `cron.ParseStandard(...).Next` of that version gave, asked
    again and again from `start` to `end`: nights that skip an hour, midnight or half an hour, and
    nights that have one twice.
    """

    @pytest.mark.parametrize(
        "recorded", RECORDED, ids=[f"{each['cron']} from {each['start']}" for each in RECORDED]
    )
    def test_fires_when_the_library_does(self, recorded):
        start, end = (datetime.fromisoformat(recorded[key]) for key in ("start", "end"))
        found = Cron.parse(recorded["cron"]).firings(start, end)
        assert [f"{each:%Y-%m-%dT%H:%MZ}" for each in found] == recorded["firings"]

    @pytest.mark.parametrize("recorded", RECORDED, ids=[each["cron"] for each in RECORDED])
    def test_the_next_firing_is_the_same_from_every_firing(self, recorded):
        """Wherever one begins to look."""
        cron = Cron.parse(recorded["cron"])
        moments = [datetime.fromisoformat(each) for each in recorded["firings"]]
        for moment, after in pairwise(moments):
            found = cron.next(moment)
            # Of an hour that comes twice Python says that it equals nothing in another zone.
            assert found
            assert found.astimezone(UTC) == after


class TestSpeed:
    def test_a_thousand_schedules_are_expanded_in_a_moment(self):
        """Four weeks in which the clocks change; only the processor's time counts."""
        begin, now = time.process_time(), datetime(2026, 10, 12, tzinfo=UTC)
        zones = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")
        total = 0
        for number in range(1000):
            text = f"CRON_TZ={zones[number % 4]} {number % 60} {number % 5} * * mon-thu"
            total += sum(1 for _ in Cron.parse(text).firings(now, now + timedelta(weeks=4)))
        assert total > 15_000
        assert time.process_time() - begin < 2  # half a second on a quiet machine


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
