from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.plotting.axes import amount, time_ticks, value_ticks


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def labels(start, end, most=10):
    return [tick.label for tick in time_ticks(at(start), at(end), most)]


class TestValues:
    @pytest.mark.parametrize(
        "low,high,expected",
        [
            (0, 1, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
            (-3, 7, ["-2", "0", "2", "4", "6"]),
            (0, 30_000, ["0", "10k", "20k", "30k"]),
            (0, 2.5e6, ["0", "0.5M", "1.0M", "1.5M", "2.0M", "2.5M"]),
            (0.0001, 0.0005, ["0.0001", "0.0002", "0.0003", "0.0004", "0.0005"]),
        ],
    )
    def test_stand_at_round_numbers(self, low, high, expected):
        assert [tick.label for tick in value_ticks(low, high, 5)] == expected

    @given(
        low=st.floats(-1e12, 1e12),
        size=st.floats(1e-6, 1e12),
        most=st.integers(2, 10),
    )
    def test_lie_inside_and_are_few(self, low, size, most):
        high = low + size
        if high > low:
            ticks = value_ticks(low, high, most)
            assert len(ticks) <= most + 1
            slack = (high - low) * 1e-6 + abs(low) * 1e-9
            assert all(low - slack <= tick.at <= high + slack for tick in ticks)

    @pytest.mark.parametrize(
        "value,step,largest,text",
        [
            (1500, 500, 5000, "1500"),
            (15_000, 500, 20_000, "15.0k"),
            (-2e9, 1e9, 4e9, "-2G"),
            (0, 1, 3, "0"),
            (2e-5, 1e-5, 4e-5, "2e-05"),
            (1e20, 1e19, 1e20, "1e+20"),
        ],
    )
    def test_are_written_short(self, value, step, largest, text):
        assert amount(value, step, largest) == text


class TestTimes:
    def test_of_an_hour_are_minutes(self):
        assert labels("2026-03-01T10:03", "2026-03-01T11:03", 6)[:2] == ["10:10", "10:20"]

    def test_midnight_says_which_day_it_is(self):
        assert labels("2026-03-01T20:00", "2026-03-02T04:00", 4) == [
            *("20:00", "22:00", "02 Mar", "02:00", "04:00"),
        ]

    def test_of_weeks_are_mondays(self):
        ticks = time_ticks(at("2026-03-01"), at("2026-04-20"), 8)
        assert {datetime.fromtimestamp(tick.at, UTC).weekday() for tick in ticks} == {0}

    def test_of_a_year_are_first_days_of_months(self):
        assert labels("2025-11-20", "2026-08-01", 5) == [
            "Jan 2026",
            "Mar 2026",
            "May 2026",
            "Jul 2026",
        ]

    @given(start=st.floats(0, 3e9), size=st.floats(60, 2e9), most=st.integers(4, 12))
    def test_lie_inside_and_are_few(self, start, size, most):
        ticks = time_ticks(start, start + size, most)
        assert len(ticks) <= most + 2
        assert all(start - 1 <= tick.at <= start + size + 1 for tick in ticks)
