import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.config.detector import DetectorConfig
from anomaly.config.signals import WatchedSignal
from anomaly.detector import Replay
from anomaly.pipeline.preparation import COUNTED, LOGARITHMIC, Preparation

WINDOW = 300


def prepared(kind, **keys):
    return Preparation.of(WatchedSignal(**{"name": "s", "query": "q", "kind": kind} | keys))


def row(*values):
    return np.array([values], dtype=float)


def verdict(preparation, values, expected, lower, upper, *, traffic=None):
    """What matters of values that all alert, with a band in the signal's own unit."""
    requests = preparation.requests(traffic)
    edges = [
        preparation.scale.seen(np.full(values.shape, float(edge)), requests)
        for edge in (expected, lower, upper)
    ]
    flags = np.ones(values.shape, bool)
    replay = Replay(np.full(values.shape, 1.5), flags, *edges, {})
    times = np.arange(values.shape[1]) * 300.0
    return preparation.judged(times, values, traffic, replay)


class TestLatency:
    def test_is_seen_as_a_ratio(self):
        seen = prepared("latency").seen(row(1, np.e, 0, -1, np.inf), None)
        assert seen[0, :2].tolist() == [0, 1]
        assert np.isnan(seen[0, 2:]).all()

    def test_without_enough_requests_says_nothing(self):
        p99 = prepared("latency", name="latency_p99", window_seconds=WINDOW)
        seen = p99.seen(row(5, 5, 5), row(99 / WINDOW, 100 / WINDOW, np.nan))
        assert np.isnan(seen[0]).tolist() == [True, False, True]

    def test_tells_a_share_as_a_distance(self):
        config = prepared("latency", minimum_relative_deviation=0.5).config(DetectorConfig())
        assert config.direction == "above"
        assert config.min_absolute_deviation == pytest.approx(np.log(1.5))
        assert config.min_relative_deviation == 0

    def test_comes_back_in_its_own_unit(self):
        result = verdict(prepared("latency"), row(400, 120), 100, 50, 150)
        assert result.expected[0, 0] == pytest.approx(100)
        assert (result.lower[0, 0], result.upper[0, 0]) == (pytest.approx(50), pytest.approx(150))
        assert result.matters.tolist() == [[True, False]]

    def test_a_deviation_must_matter_in_its_own_unit(self):
        careful = prepared("latency", minimum_absolute_deviation=100)
        assert verdict(careful, row(190, 210), 100, 50, 150).matters.tolist() == [[False, True]]

    def test_can_be_seen_as_it_is(self):
        assert prepared("latency", logarithmic=False).seen(row(0, 5), None).tolist() == [[0, 5]]


class TestErrors:
    def test_few_failures_of_few_requests_are_no_rate(self):
        many = COUNTED.seen(row(1 / 3, 1 / 3), row(3, 3000))[0]
        assert many[0] < 0.1
        assert many[1] == pytest.approx(1 / 3, abs=0.02)

    def test_without_enough_requests_say_nothing(self):
        seen = prepared("errors").seen(row(0.5, 0.5), row(19 / WINDOW, 20 / WINDOW))
        assert np.isnan(seen[0]).tolist() == [True, False]

    def test_no_failure_is_zero_however_few_the_requests(self):
        assert prepared("errors").seen(row(0, 0), row(1, 1000)).tolist() == [[0, 0]]

    def test_are_told_from_a_few_failures_on(self):
        errors = prepared("errors", minimum_errors=5)
        result = verdict(errors, row(0.5, 0.5), 0, 0, 0.01, traffic=row(8 / WINDOW, 10 / WINDOW))
        assert result.matters.tolist() == [[False, True]]

    def test_are_told_from_a_percentage_point_on(self):
        traffic = row(100.0, 100.0)
        result = verdict(prepared("errors"), row(0.009, 0.02), 0, 0, 0.001, traffic=traffic)
        assert result.matters.tolist() == [[False, True]]

    def test_without_known_requests_are_judged_as_they_are(self):
        assert prepared("errors").seen(row(0.25), None).tolist() == [[0.25]]

    @given(st.floats(0, 1), st.floats(1, 1e7))
    def test_the_band_lies_where_its_bound_is_reached(self, ratio, requests):
        values, count = row(ratio), row(requests)
        bound = COUNTED.seen(values, count)
        assert 0 <= bound[0, 0] <= ratio
        if bound[0, 0] > 0:
            assert COUNTED.meant(bound, count)[0, 0] == pytest.approx(ratio, abs=1e-7)

    @given(st.lists(st.floats(0, 1), min_size=2, max_size=20), st.floats(1, 1e6))
    def test_more_failures_are_never_seen_as_fewer(self, ratios, requests):
        ordered = row(*sorted(ratios))
        seen = COUNTED.seen(ordered, np.full(ordered.shape, requests))
        assert (np.diff(seen[0]) >= -1e-12).all()


class TestTraffic:
    def test_counts_on_both_sides(self):
        result = verdict(prepared("traffic"), row(200, 20, 110), 100, 90, 105)
        assert result.matters.tolist() == [[True, True, False]]

    def test_too_little_of_it_does_not_matter(self):
        quiet = prepared("traffic", floor=1.0)
        assert verdict(quiet, row(0.9, 1.1), 0.1, 0, 0.2).matters.tolist() == [[False, True]]

    def test_zero_is_an_anomaly_like_any_other(self):
        assert verdict(prepared("traffic"), row(0.0), 100, 90, 110).matters.tolist() == [[True]]


class TestDirection:
    @pytest.mark.parametrize(
        "direction,matters", [("above", [1, 0]), ("below", [0, 1]), ("both", [1, 1])]
    )
    def test_decides_which_side_counts(self, direction, matters):
        signal = prepared("other", direction=direction)
        assert signal.config(DetectorConfig()).direction == direction
        assert verdict(signal, row(200, 10), 100, 90, 110).matters[0].tolist() == matters

    def test_a_small_deviation_never_matters(self):
        assert not verdict(prepared("other"), row(100, 95), 100, 90, 110).matters.any()


@given(st.floats(1e-300, 1e300))
def test_logarithms_come_back(value):
    scale = LOGARITHMIC
    assert scale.meant(scale.seen(row(value), None), None)[0, 0] == pytest.approx(value, rel=1e-9)
