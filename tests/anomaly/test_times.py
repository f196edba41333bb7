import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly import texts as times


class TestDurations:
    @pytest.mark.parametrize(
        "text,span",
        [
            ("90s", 90),
            ("10m", 600),
            ("1h30m", 5400),
            ("14d", 1_209_600),
            ("0.5h", 1800),
            ("30", 30),
        ],
    )
    def test_are_read(self, text, span):
        assert times.seconds(text) == span

    @pytest.mark.parametrize("text", ["", "soon", "-5", "5x", "1h-3m", "nan", "inf", "h"])
    def test_that_are_none_are_refused(self, text):
        with pytest.raises(ValueError, match=r"could not|not a span"):
            times.seconds(text)

    @pytest.mark.parametrize(
        "span,text",
        [(0, "0s"), (59.6, "1m"), (5400, "1h30m"), (90_061, "1d1h"), (864_000, "10d")],
    )
    def test_are_written_in_their_two_largest_units(self, span, text):
        assert times.duration(span) == text

    def test_that_are_unknown_are_a_dash(self):
        assert times.duration(math.nan) == "-"

    @given(st.integers(0, 10_000))
    def test_of_minutes_are_read_as_they_are_written(self, minutes):
        if minutes < 24 * 60:
            assert times.seconds(times.duration(minutes * 60)) == minutes * 60


class TestMoments:
    @pytest.mark.parametrize(
        "text",
        ["1700000000", "2023-11-14T22:13:20Z", "2023-11-14 22:13:20", "2023-11-14T23:13:20+01:00"],
    )
    def test_are_epoch_seconds_or_rfc_3339(self, text):
        assert times.epoch(text) == 1_700_000_000

    @pytest.mark.parametrize("text", ["yesterday", "nan", ""])
    def test_that_are_none_are_refused(self, text):
        with pytest.raises(ValueError, match=r"Invalid|not a time"):
            times.epoch(text)

    def test_are_written_in_utc(self):
        assert times.utc(1_700_000_000.9) == "2023-11-14T22:13:20Z"
