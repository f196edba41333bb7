import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from anomaly.plotting.envelope import area, columns, line

MISSING = float("nan")


def gathered(values, pixels=None, times=None):
    values = np.array(values, dtype=float)
    times = np.arange(len(values)) * 60.0 if times is None else np.array(times, dtype=float)
    x = np.linspace(0, pixels or len(values) - 1, len(values)) if len(values) else times
    return columns(times, x, values)


def drawn(of):
    return line(of, of.low, of.high)


class TestColumns:
    def test_few_points_are_all_drawn(self):
        assert drawn(gathered([1, 5, 2])) == "M0,1L1,5L2,2"

    def test_many_points_keep_their_least_and_their_greatest(self):
        values = np.sin(np.arange(10_000.0))
        values[5432], values[7777] = 40, -30
        few = gathered(values, pixels=100)
        assert len(few.x) <= 101
        assert (few.high.max(), few.low.min()) == (40, -30)
        assert len(drawn(few)) < 5000

    def test_missing_values_break_the_line(self):
        assert drawn(gathered([1, 2, MISSING, 4, 5])) == "M0,1L1,2M3,4L4,5"

    def test_missing_time_breaks_it_too(self):
        path = drawn(gathered([1, 2, 3, 4], times=[0, 60, 6000, 6060]))
        assert path.count("M") == 2

    def test_a_point_alone_is_a_dot(self):
        assert drawn(gathered([MISSING, 2, MISSING])) == "M1,2h0"

    def test_duplicate_times_are_one_column(self):
        of = columns(np.array([0.0, 60, 60, 120]), np.array([0.0, 5, 5, 9]), np.arange(4.0))
        assert drawn(of) == "M0,0L5,1L5,2L9,3"

    def test_the_path_goes_up_where_the_values_do(self):
        assert drawn(gathered([0, 1, 2, 3], pixels=1)) == "M0,0L0,2L1,3"
        assert drawn(gathered([3, 2, 1, 0], pixels=1)) == "M0,3L0,1L1,0"

    def test_nothing_is_drawn_of_nothing(self):
        assert drawn(gathered([])) == drawn(gathered([MISSING])) == ""

    @given(
        values=arrays.arrays(
            float, st.integers(1, 200), elements=st.floats(-100, 100) | st.just(MISSING)
        ),
        pixels=st.integers(1, 50),
    )
    def test_every_column_shows_all_of_its_points_and_no_others(self, values, pixels):
        x = np.linspace(0, pixels, len(values))
        of = columns(np.arange(len(values)) * 60.0, x, values)
        there = np.isfinite(values)
        for column in np.unique(np.floor(x[there])):
            points = values[there & (np.floor(x) == column)]
            mine = np.floor(of.x) == column
            assert of.low[mine].min() == points.min()
            assert of.high[mine].max() == points.max()
        assert sum(part.stop - part.start for part in of.parts) == len(of.x)


class TestArea:
    def test_goes_forth_above_and_back_below(self):
        of = gathered([1, 2])
        assert area(of, of.high + 5, of.low) == "M0,6L1,7L1,2L0,1Z"

    def test_has_a_piece_for_each_part(self):
        of = gathered([1, 2, MISSING, 3, 4])
        assert len(re.findall("Z", area(of, of.high, of.low))) == 2
