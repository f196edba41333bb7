import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.offline.grade import begun_within, spans, step_seconds

masks = st.lists(st.booleans(), max_size=40).map(lambda flags: np.array(flags, dtype=bool))


def of(flags, times=None, gap=0.0):
    mask = np.array([flag == "x" for flag in flags], dtype=bool)
    times = np.arange(len(mask), dtype=float) * 60 if times is None else np.array(times, float)
    found = spans(times, mask, gap_seconds=gap)
    return list(zip(found.starts.tolist(), found.ends.tolist(), strict=True))


class TestSpans:
    def test_a_run_goes_from_its_first_to_its_last_point(self):
        assert of(".xxx..x") == [(60, 180), (360, 360)]

    def test_runs_may_touch_both_ends(self):
        assert of("x..x") == [(0, 0), (180, 180)]

    def test_without_runs_there_are_none(self):
        assert of("...") == of("") == []

    def test_runs_closer_than_the_gap_are_one(self):
        assert of("x..x.....x", gap=181) == [(0, 180), (540, 540)]
        assert of("x..x", gap=180) == [(0, 0), (180, 180)]

    def test_time_counts_and_not_points(self):
        assert of("x.x", times=[0, 10, 5000], gap=600) == [(0, 0), (5000, 5000)]

    @given(mask=masks)
    def test_every_point_lies_in_the_runs_that_its_flag_says(self, mask):
        times = np.arange(len(mask), dtype=float)
        found = spans(times, mask)
        inside = [bool(((found.starts <= at) & (at <= found.ends)).any()) for at in times]
        assert inside == mask.tolist()

    @given(mask=masks, gap=st.floats(0, 50), more=st.floats(0, 50))
    def test_a_longer_gap_never_makes_more_of_them(self, mask, gap, more):
        times = np.arange(len(mask), dtype=float)
        shorter = spans(times, mask, gap_seconds=gap)
        longer = spans(times, mask, gap_seconds=gap + more)
        assert len(longer) <= len(shorter)
        assert set(longer.starts) <= set(shorter.starts)
        assert set(longer.ends) <= set(shorter.ends)


class TestStep:
    def test_is_the_usual_one_whatever_gaps_and_duplicates_there_are(self):
        assert step_seconds(np.array([0.0, 60, 60, 120, 180, 9000])) == 60

    def test_is_none_of_a_single_point(self):
        assert step_seconds(np.array([5.0])) == 0


class TestBegunWithin:
    @pytest.mark.parametrize(
        "flags,kept",
        [
            ("xx..xx", "....xx"),
            ("..xxxx", "......"),
            ("...xxx", "...xxx"),
            (".xxx.x", ".....x"),
            ("......", "......"),
        ],
    )
    def test_a_run_counts_when_it_begins_where_it_counts(self, flags, kept):
        mask = np.array([flag == "x" for flag in flags])
        counted = np.arange(6) >= 3
        assert begun_within(mask, counted).tolist() == [flag == "x" for flag in kept]

    def test_of_nothing_there_is_nothing(self):
        nothing = np.empty(0, dtype=bool)
        assert len(begun_within(nothing, nothing)) == 0
