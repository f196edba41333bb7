import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.offline.grade import Matching, Spans, match

EXACT = Matching(gap_seconds=0, tolerance_seconds=0, early_seconds=0)


def some(*pairs):
    return Spans(*np.array(pairs, dtype=float).reshape(len(pairs), 2).T)


def found(alerts, incidents, **keys):
    matching = Matching(**vars(EXACT) | keys)
    return match(some(*alerts), some(*incidents), matching)


class TestMatch:
    @pytest.mark.parametrize(
        "alert,hit",
        [
            ((100, 200), True),
            ((120, 130), True),
            ((200, 300), True),
            ((150, 9999), True),
            ((99, 150), False),
            ((0, 500), False),
            ((201, 300), False),
        ],
    )
    def test_an_alert_finds_the_incident_in_which_it_begins(self, alert, hit):
        """However long it lasts."""
        result = found([alert], [(100, 200)])
        assert result.found.tolist() == result.true.tolist() == [hit]

    def test_one_that_begins_shortly_before_or_after_does_too(self):
        """Labels are not exact."""
        assert found([(230, 300)], [(100, 200)], tolerance_seconds=30).found.all()
        assert not found([(231, 300)], [(100, 200)], tolerance_seconds=30).found.any()
        assert found([(80, 150)], [(100, 200)], early_seconds=20).found.all()
        assert not found([(79, 150)], [(100, 200)], early_seconds=20).found.any()

    def test_an_alert_that_never_ends_finds_one_incident_at_most(self):
        """Being open is no finding."""
        incidents = [(day, day + 600) for day in range(0, 864_000, 86_400)]
        assert found([(10, 1e6)], incidents).found.sum() == 1

    def test_one_alert_may_find_two_incidents_and_two_alerts_one(self):
        """Where labels overlap, or alerts follow one another."""
        result = found([(45, 50), (55, 60)], [(10, 50), (40, 56)])
        assert result.pairs.tolist() == [[True, True], [False, True]]

    def test_the_delay_runs_from_the_incident_to_its_first_alert(self):
        result = found([(130, 140), (160, 170)], [(100, 200), (300, 400)])
        assert np.array_equal(result.delays, [30, np.nan], equal_nan=True)

    def test_an_alert_that_was_there_first_has_no_delay(self):
        assert found([(90, 140)], [(100, 200)], early_seconds=10).delays.tolist() == [0]

    def test_nothing_against_nothing(self):
        assert found([], []).pairs.shape == (0, 0)
        assert not found([], [(0, 1)]).found.any()
        assert not found([(0, 1)], []).true.any()

    times = st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 15)).map(lambda of: (of[0], of[0] + of[1])),
        max_size=8,
    )

    @given(times, times, st.integers(0, 20), st.integers(0, 20))
    def test_every_pair_is_judged_as_by_hand(self, alerts, incidents, tolerance, early):
        result = found(alerts, incidents, tolerance_seconds=tolerance, early_seconds=early)
        for row, (begin, _) in enumerate(alerts):
            expected = by_hand(begin, incidents, tolerance, early)
            assert set(np.flatnonzero(result.pairs[row])) == expected
        for column, (start, _) in enumerate(incidents):
            late = [
                max(begin - start, 0)
                for row, (begin, _) in enumerate(alerts)
                if result.pairs[row, column]
            ]
            assert result.found[column] == bool(late)
            assert not late or result.delays[column] == min(late)


def by_hand(begin, incidents, tolerance, early):
    """Which incidents an alert finds."""
    return {
        place
        for place, (start, end) in enumerate(incidents)
        if start - early <= begin <= end + tolerance
    }


class TestDefaults:
    def test_grow_with_the_step(self):
        """Three points of slack, and alerts five points apart are one."""
        assert Matching.of_step(60) == Matching(330, 180, 180)
