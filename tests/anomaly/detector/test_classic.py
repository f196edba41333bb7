"""The original methods as a stream, against what each says of the whole by itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from anomaly.config.detector import DetectorConfig
from anomaly.detector.classic import METHODS, ClassicStream, _median

SMALL = {"history": 20, "warmup": 5, "moving_average_window": 4}


def series(seed=1, length=300, count=2):
    random = np.random.default_rng(seed)
    values = random.normal(100, 2, (length, count))
    values[random.random(values.shape) < 0.03] = 200
    values[random.random(values.shape) < 0.03] = np.nan
    return values


def minutes(step, ticks):
    return 1e9 + 60.0 * step * np.arange(ticks)


def config(method):
    return DetectorConfig(method=method, **SMALL)


def fed(method, values, portions=()):
    stream = ClassicStream(config(method), values.shape[1])
    cuts = np.cumsum(portions, dtype=int)
    split = zip(np.split(minutes(5, len(values)), cuts), np.split(values, cuts), strict=True)
    parts = [stream.feed(times, part) for times, part in split]
    return {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("score", "alerting", "expected", "lower", "upper")
    }


def band(method, values):
    return METHODS[method](values.T, config(method))


class TestOneMethod:
    @pytest.mark.parametrize("method", METHODS)
    def test_says_what_the_method_says_of_the_whole(self, method):
        values = series()
        said, expected = fed(method, values), band(method, values)
        assert np.array_equal(said["score"], expected.score(values.T).T, equal_nan=True)
        known = np.isfinite(expected.lower.T)
        assert np.array_equal(said["lower"][known], expected.lower.T[known])
        assert np.array_equal(said["expected"][known], expected.expected.T[known])

    @pytest.mark.parametrize("method", METHODS)
    def test_alerts_wherever_the_score_is_above_one(self, method):
        said = fed(method, series())
        there = np.isfinite(said["score"])
        assert np.array_equal(said["alerting"][there], said["score"][there] > 1)
        assert said["alerting"].any()

    def test_alerts_on_where_nothing_comes_for_no_more_than_an_hour(self):
        values = series(count=1)[:200]
        values[150], values[151:] = 200, np.nan
        alerting = fed("zscore", values)["alerting"][:, 0]
        assert alerting[150:163].all()
        assert not alerting[163:].any()


class TestVote:
    def test_score_is_what_three_of_the_four_reach(self):
        values = series()
        scores = np.sort([band(method, values).score(values.T).T for method in METHODS], axis=0)
        assert np.array_equal(fed("ensemble", values)["score"], scores[1], equal_nan=True)

    def test_alerts_outside_the_common_band_and_nowhere_else(self):
        values = series()
        said = fed("ensemble", values)
        outside = (values > said["upper"]) | (values < said["lower"])
        known = np.isfinite(said["upper"]) & np.isfinite(values)
        assert np.array_equal(said["alerting"][known], outside[known])

    def test_has_no_band_before_three_know_one(self):
        said = fed("ensemble", series())
        assert np.isnan(said["upper"][: SMALL["warmup"]]).all()
        assert np.isfinite(said["upper"][SMALL["warmup"] + 10 :]).all()


class TestStream:
    @pytest.mark.parametrize("method", ["ensemble", "exponential_smoothing"])
    @pytest.mark.parametrize("portions", [[1] * 60, [0, 150, 1, 70], [299]])
    def test_portions_of_any_size_give_the_same_bits(self, method, portions):
        values = series()
        whole, parts = fed(method, values), fed(method, values, portions)
        for name, block in whole.items():
            assert np.array_equal(parts[name], block, equal_nan=True), name

    def test_remembers_no_more_than_it_looks_back_to(self):
        stream = ClassicStream(config("ensemble"), 1)
        stream.feed(minutes(5, 2000), series(count=1, length=2000))
        before = stream.state()["past"].shape
        stream.feed(minutes(5, 2000), series(count=1, length=2000))
        assert stream.state()["past"].shape == before
        assert before[1] < 100

    def test_takes_infinities_for_missing(self):
        values, other = series(), series()
        values[50], other[50] = np.inf, np.nan
        assert np.array_equal(
            fed("ensemble", values)["score"][51:],
            fed("ensemble", other)["score"][51:],
            equal_nan=True,
        )


class TestMedian:
    @given(
        arrays.arrays(
            np.float64,
            st.tuples(st.integers(1, 5), st.just(1), st.integers(1, 4)),
            elements=st.floats(-9, 9) | st.just(np.nan),
        )
    )
    def test_is_that_of_what_is_known(self, stack):
        for column, median in zip(stack[:, 0].T, _median(stack)[0], strict=True):
            known = column[~np.isnan(column)]
            expected = np.median(known) if len(known) else np.nan
            assert median == pytest.approx(expected, nan_ok=True)
