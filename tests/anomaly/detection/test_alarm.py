"""The alarm of all series at once, against a state machine that walks along one of them."""

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomaly.detection.alarm import Alarm, Evidence, Rule

KINDS = {"certain": 3, "hot": 2, "middle": 1, "low": 0, "missing": -1}


def evidence(kinds):
    """What is known of ticks that are of these kinds, (time, series)."""
    kinds = np.asarray(kinds)
    return Evidence(hot=kinds >= 2, certain=kinds == 3, low=kinds == 0, present=kinds >= 0)


def one(*names):
    """One series of such ticks."""
    return evidence([[KINDS[name]] for name in names])


def plain(kinds, rule):
    """Since when an incident is on at each tick of one series; None where none is."""
    recent, since, calm = deque(maxlen=rule.window), None, 0
    said = []
    for tick, kind in enumerate(kinds):
        recent.append(kind >= 2)
        calm = calm + 1 if kind == 0 else calm if kind == -1 else 0
        if kind == 3 or (kind == 2 and sum(recent) >= rule.least):
            since = tick if since is None else since
        elif kind == 0 and calm >= rule.recovery:
            since = None
        said.append(since)
    return said


def judged(names, rule):
    return Alarm.silent(1).judge(0, one(*names), rule)[0].ravel().tolist()


class TestAlarm:
    @settings(max_examples=200, deadline=None)
    @given(data=st.data())
    def test_does_what_one_series_after_the_other_would(self, data):
        window = data.draw(st.integers(1, 6))
        rule = Rule(window, data.draw(st.integers(1, window)), data.draw(st.integers(1, 6)))
        series = data.draw(st.integers(1, 3))
        row = st.lists(st.sampled_from([3, 2, 2, 1, 0, 0, 0, -1]), min_size=series, max_size=series)
        kinds = np.array(data.draw(st.lists(row, min_size=1, max_size=60)))
        cuts = data.draw(st.lists(st.integers(0, len(kinds)), max_size=4))
        alarm, parts = Alarm.silent(series), []
        for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(kinds)], strict=True):
            if end > begin:
                parts.append(alarm.judge(begin, evidence(kinds[begin:end]), rule))
                alarm = Alarm.restored(alarm.state())
        on, since = (np.concatenate(blocks) for blocks in zip(*parts, strict=True))
        for column in range(series):
            said = [
                int(begun) if there else None
                for there, begun in zip(on[:, column], since[:, column], strict=True)
            ]
            assert said == plain(kinds[:, column].tolist(), rule)
        assert np.array_equal(alarm.on, on[-1])

    def test_opens_when_enough_of_the_window_is_hot(self):
        rule = Rule(window=3, least=2, recovery=2)
        assert judged(["hot", "middle", "middle", "hot", "low"], rule) == [False] * 5
        assert judged(["hot", "middle", "hot"], rule) == [False, False, True]

    def test_opens_at_a_hot_tick_only(self):
        rule = Rule(window=3, least=2, recovery=2)
        assert judged(["hot", "missing", "middle"], rule) == [False] * 3

    def test_opens_at_once_when_certain(self):
        assert judged(["low", "certain"], Rule(window=3, least=2, recovery=2)) == [False, True]

    def test_closes_after_enough_calm_in_a_row(self):
        rule = Rule(window=1, least=1, recovery=2)
        names = ["hot", "low", "middle", "low", "low", "low"]
        assert judged(names, rule) == [True, True, True, True, False, False]

    def test_a_tick_without_a_value_neither_calms_nor_disturbs(self):
        rule = Rule(window=1, least=1, recovery=2)
        assert judged(["hot", "missing", "missing", "missing"], rule) == [True] * 4
        assert judged(["hot", "low", "missing", "low"], rule) == [True, True, True, False]

    def test_knows_when_the_incident_began(self):
        alarm = Alarm.silent(1)
        rule = Rule(window=1, least=1, recovery=1)
        alarm.judge(10, one("hot", "low", "hot", "hot"), rule)
        assert alarm.since.tolist() == [12]

    def test_an_incident_goes_on_from_the_portion_before(self):
        alarm, rule = Alarm.silent(1), Rule(window=1, least=1, recovery=2)
        alarm.judge(0, one("middle", "hot", "low"), rule)
        on, since = alarm.judge(3, one("hot", "low", "low"), rule)
        assert on.ravel().tolist() == [True, True, False]
        assert since.ravel()[:2].tolist() == [1, 1]

    @pytest.mark.parametrize("window", [40_000, 100_000])
    def test_counts_in_a_window_of_any_length(self, window):
        rule = Rule(window=window, least=window, recovery=10)
        alarm, hot = Alarm.silent(1), evidence(np.full((window - 1, 1), 2))
        assert not alarm.judge(0, hot, rule)[0].any()
        assert alarm.judge(window - 1, one("hot"), rule)[0].all()

    def test_a_window_that_grows_begins_with_what_it_saw(self):
        alarm = Alarm.silent(1)
        alarm.judge(0, one("hot", "hot"), Rule(window=3, least=3, recovery=2))
        assert alarm.judge(2, one("hot"), Rule(window=5, least=3, recovery=2))[0].all()
