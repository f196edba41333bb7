"""A stream says what one replay over everything says, bit for bit, however it is fed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomaly import Detector, DetectorConfig
from anomaly.errors import StateError

FIELDS = ("score", "alerting", "expected", "lower", "upper")
METHODS = ("calibrated", "ensemble")


def hostile(seed, *, series, length, step):
    """Series with days, spikes, shifts, gaps, constants and duplicates of time."""
    random = np.random.default_rng(seed)
    times = np.cumsum(random.choice([step, step, step, step, 0, 7 * step], length)) + 1.7e9
    values = random.normal(size=(series, length)) * random.lognormal(size=(series, 1))
    values += 5 * np.sin(2 * np.pi * times / 86400)
    values[random.random(values.shape) < 0.01] *= 50
    values[random.random(values.shape) < 0.02] = np.nan
    values[0, length // 3 : length // 2] = np.nan
    values[-1] = 3.0
    values[-1, -5:] = 4.0
    values[1, length // 2 :] += 40
    return times, values


def fed(detector, times, values, portions):
    """The replay of a stream that is fed in portions of these sizes, and stored between them."""
    stream = detector.stream(len(values))
    parts, start = [], 0
    for size in portions:
        part = slice(start, start + size)
        parts.append(stream.feed(times[part], values[:, part], detail=True))
        stream = detector.resume(stream.state())
        start += size
    return parts


def same(parts, whole, name):
    """Whether portions and whole agree to the bit."""
    joined = np.concatenate([getattr(part, name) for part in parts], axis=1)
    return np.array_equal(joined, getattr(whole, name)[:, : joined.shape[1]], equal_nan=True)


class TestPortions:
    @pytest.mark.parametrize("method", METHODS)
    @settings(max_examples=15)
    @given(st.data())
    def test_portions_of_any_size_give_the_same_bits(self, method, data):
        seed = data.draw(st.integers(0, 10_000))
        step = data.draw(st.sampled_from([60, 300, 1800, 3600]))
        sizes = data.draw(st.lists(st.integers(1, 60), min_size=1, max_size=12))
        times, values = hostile(seed, series=3, length=sum(sizes), step=step)
        detector = Detector(DetectorConfig(method=method, time_zone="Europe/Madrid"))
        whole = detector.replay(times, values, detail=True)
        parts = fed(detector, times, values, sizes)
        for name in FIELDS:
            assert same(parts, whole, name), name

    @pytest.mark.parametrize("series", [1, 5])
    @pytest.mark.parametrize("step", [300, 3600])
    def test_one_tick_after_the_other_gives_the_same_bits(self, series, step):
        times, values = hostile(3, series=max(series, 2), length=1100, step=step)
        values = values[:series]
        detector = Detector()
        whole = detector.replay(times, values, detail=True)
        start = 700
        stream = detector.stream(series)
        parts = [stream.feed(times[:start], values[:, :start], detail=True)]
        parts += [
            stream.feed(times[tick : tick + 1], values[:, tick : tick + 1], detail=True)
            for tick in range(start, len(times))
        ]
        for name in FIELDS:
            assert same(parts, whole, name), name
        for name, view in whole.views.items():
            joined = np.concatenate([part.views[name] for part in parts], axis=1)
            assert np.array_equal(joined, view, equal_nan=True), name

    def test_hours_of_which_many_are_missing_give_the_same_bits(self):
        """So that one week often speaks alone, and may lie where a replay is still judging."""
        random = np.random.default_rng(5)
        hours = np.flatnonzero(random.random(2000) < 0.8)
        weekend = np.where(hours // 24 % 7 < 5, 100.0, 20.0)
        values = (weekend * random.lognormal(0, 0.02, len(hours)))[None]
        values[:, random.random(len(hours)) < 0.05] *= 5
        times = 1_772_409_600.0 + 3600.0 * hours
        whole = Detector().replay(times, values, detail=True)
        parts = fed(Detector(), times, values, [60] * (len(hours) // 60))
        for name in FIELDS:
            assert same(parts, whole, name)

    def test_a_history_that_was_cut_gives_the_same_bits(self):
        random = np.random.default_rng(5)
        times = np.arange(16_000) * 60.0
        values = random.normal(size=(2, 16_000)) + np.sin(2 * np.pi * times / 86400)
        detector = Detector()
        whole = detector.replay(times, values)
        parts = fed(detector, times, values, [5_000, 9_000, 500, 1, 1, 1_498])
        for name in FIELDS:
            assert same(parts, whole, name), name

    @pytest.mark.parametrize("method", METHODS)
    def test_series_are_judged_alike_in_any_company(self, method):
        times, values = hostile(8, series=6, length=900, step=300)
        detector = Detector(DetectorConfig(method=method))
        together = detector.replay(times, values)
        for row in range(len(values)):
            alone = detector.replay(times, values[row : row + 1])
            for name in FIELDS:
                assert np.array_equal(
                    getattr(alone, name)[0], getattr(together, name)[row], equal_nan=True
                ), name


class TestCausality:
    @settings(max_examples=15)
    @given(st.integers(0, 10_000), st.integers(1, 899), st.sampled_from([60, 300, 3600]))
    def test_what_comes_later_changes_nothing(self, seed, cut, step):
        times, values = hostile(seed, series=3, length=900, step=step)
        detector = Detector()
        whole = detector.replay(times, values)
        prefix = detector.replay(times[:cut], values[:, :cut])
        for name in FIELDS:
            assert np.array_equal(
                getattr(prefix, name), getattr(whole, name)[:, :cut], equal_nan=True
            ), name


class TestState:
    @pytest.mark.parametrize("method", METHODS)
    def test_another_configuration_is_not_gone_on_from(self, method):
        state = Detector(DetectorConfig(method=method)).stream(1).state()
        other = Detector(DetectorConfig(method=method, direction="above"))
        with pytest.raises(StateError, match="configuration"):
            other.resume(state)

    @pytest.mark.parametrize("lost", ["identity", "history._values", "memory.residuals.values"])
    def test_a_damaged_state_is_refused(self, lost):
        detector = Detector()
        stream = detector.stream(2)
        stream.feed(np.arange(50) * 60, np.ones((2, 50)))
        state = {name: value for name, value in stream.state().items() if name != lost}
        with pytest.raises(StateError, match="damaged"):
            detector.resume(state)
