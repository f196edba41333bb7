import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.grading.events import Matching, match
from anomaly.spans import Spans

EXACT = Matching(gap_seconds=0, tolerance_seconds=0, early_seconds=math.inf)


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
            ((50, 100), True),
            ((200, 300), True),
            ((120, 130), True),
            ((0, 500), True),
            ((0, 99), False),
            ((201, 300), False),
        ],
    )
    def test_an_alert_that_shares_a_moment_finds_the_incident(self, alert, hit):
        result = found([alert], [(100, 200)])
        assert result.found.tolist() == result.true.tolist() == [hit]

    def test_one_that_begins_within_the_tolerance_after_it_does_too(self):
        assert found([(230, 300)], [(100, 200)], tolerance_seconds=30).found.all()
        assert not found([(231, 300)], [(100, 200)], tolerance_seconds=30).found.any()

    def test_one_that_had_begun_long_before_does_not(self):
        assert found([(80, 150)], [(100, 200)], early_seconds=20).found.all()
        assert not found([(79, 150)], [(100, 200)], early_seconds=20).found.any()

    def test_an_alert_that_follows_one_incident_to_the_next_finds_both(self):
        close, far = [(100, 200), (240, 300)], [(100, 200), (241, 300)]
        assert found([(100, 400)], close, early_seconds=40).found.tolist() == [True, True]
        assert found([(100, 400)], far, early_seconds=40).found.tolist() == [True, False]

    def test_how_long_incidents_last_does_not_count_as_calm(self):
        incidents = [(0, 1000), (100, 200), (1040, 1100)]
        assert found([(0, 2000)], incidents, early_seconds=40).found.all()

    def test_an_alert_that_never_ends_finds_one_incident_at_most(self):
        incidents = [(day, day + 600) for day in range(0, 864_000, 86_400)]
        endless = found([(0, 1e6)], incidents, early_seconds=7200)
        assert endless.found.sum() == 1

    def test_incidents_may_be_given_in_any_order(self):
        incidents = [(500, 600), (100, 200), (210, 300)]
        result = found([(120, 250)], incidents, early_seconds=20)
        assert result.found.tolist() == [False, True, True]

    def test_one_alert_may_find_two_incidents_and_two_alerts_one(self):
        result = found([(0, 50), (55, 60)], [(10, 20), (40, 56)])
        assert result.pairs.tolist() == [[True, True], [False, True]]

    def test_the_delay_runs_from_the_incident_to_its_first_alert(self):
        result = found([(130, 140), (160, 170)], [(100, 200), (300, 400)])
        assert np.array_equal(result.delays, [30, np.nan], equal_nan=True)

    def test_an_alert_that_was_there_first_has_no_delay(self):
        assert found([(90, 140)], [(100, 200)]).delays.tolist() == [0]

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
        for row, (begin, stop) in enumerate(alerts):
            expected = by_hand(begin, stop, incidents, tolerance, early)
            assert set(np.flatnonzero(result.pairs[row])) == expected
        for column, (start, _) in enumerate(incidents):
            late = [
                max(begin - start, 0)
                for row, (begin, _) in enumerate(alerts)
                if result.pairs[row, column]
            ]
            assert result.found[column] == bool(late)
            assert not late or result.delays[column] == min(late)


def by_hand(begin, stop, incidents, tolerance, early):
    """Which incidents an alert finds: those that it began with, and what it followed from there."""
    chains, reach = [], None
    for start, end in sorted(incidents):
        if reach is None or start - reach > early:
            chains.append([])
        chains[-1].append((start, end))
        reach = end if reach is None else max(reach, end)
    found = set()
    for chain in chains:
        touched = [(s, e) for s, e in chain if begin <= e + tolerance and stop >= s]
        if any(begin >= start - early for start, _ in touched):
            found |= {place for place, incident in enumerate(incidents) if incident in touched}
    return found


class TestDefaults:
    def test_grow_with_the_step(self):
        assert Matching.of_step(60) == Matching(600, 600, 7200)
        assert Matching.of_step(3600) == Matching(10_800, 10_800, 86_400)
