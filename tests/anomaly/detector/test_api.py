import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from anomaly import Detector, DetectorConfig
from anomaly.detector.classic import METHODS

EVERY = [*METHODS, "ensemble", "calibrated"]
FIELDS = ("score", "alerting", "expected", "lower", "upper")


def replay(values, **config):
    matrix = np.atleast_2d(np.asarray(values, dtype=float))
    return Detector(DetectorConfig(**config)).replay(np.arange(matrix.shape[1]) * 60, matrix)


def calm(length=120, seed=7):
    return np.random.default_rng(seed).normal(100, 2, length)


class TestEveryMethod:
    @pytest.mark.parametrize("method", EVERY)
    def test_a_jump_is_an_anomaly_and_calm_is_none(self, method):
        values = calm()
        values[100] = 300
        alerting = replay(values, method=method).alerting[0]
        assert alerting[100]
        assert alerting[:100].mean() < 0.05

    @pytest.mark.parametrize("method", EVERY)
    def test_a_drop_is_one_as_well(self, method):
        values = calm()
        values[100] = 1
        assert replay(values, method=method).alerting[0, 100]

    @pytest.mark.parametrize("method", EVERY)
    def test_a_constant_series_is_calm_until_its_first_change(self, method):
        values = np.full(120, 5.0)
        values[100] = 9
        assert np.flatnonzero(replay(values, method=method).alerting[0])[0] == 100

    @pytest.mark.parametrize("method", EVERY)
    def test_nothing_is_said_before_enough_is_known(self, method):
        values = np.array([1.0, 1000.0, 1.0, 1000.0])
        result = replay(values, method=method)
        assert result.score[0].tolist() == [0, 0, 0, 0]
        assert not result.alerting.any()

    @pytest.mark.parametrize("method", EVERY)
    def test_a_missing_value_is_neither_calm_nor_anomalous(self, method):
        values = calm()
        values[50:60] = np.nan
        values[60] = np.inf
        result = replay(values, method=method)
        assert np.isnan(result.score[0, 50:61]).all()
        (before, *missing) = result.alerting[0, 49:61]
        assert set(missing) == {before}
        assert np.isfinite(result.score[0, 61:]).all()

    @pytest.mark.parametrize("method", METHODS)
    def test_the_score_is_one_at_the_edge_of_the_band(self, method):
        values = calm()
        result = replay(values, method=method)
        known = np.isfinite(result.upper)
        outside = (values > result.upper) | (values < result.lower)
        assert (result.alerting == outside)[known].all()

    @pytest.mark.parametrize("method", EVERY)
    def test_series_do_not_know_of_each_other(self, method):
        pair = np.stack([calm(seed=1), calm(seed=2)])
        together = replay(pair, method=method)
        alone = replay(pair[1], method=method)
        assert np.array_equal(together.score[1], alone.score[0], equal_nan=True)


class TestThresholds:
    def test_the_moving_average_allows_thirty_percent(self):
        values = np.full(40, 100.0)
        values[[20, 39]] = 129, 131
        assert np.flatnonzero(replay(values, method="moving_average").alerting[0]).tolist() == [39]

    def test_the_moving_average_looks_back_ten_points(self):
        values = np.array([1000.0] * 20 + [100.0] * 20)
        expected = replay(values, method="moving_average").expected[0]
        assert expected[30] == 100
        assert expected[29] == 190

    def test_the_zscore_allows_three_standard_deviations(self):
        values = np.tile([99.0, 101.0], 50)
        values[[90, 99]] = 102.9, 103.2
        assert np.flatnonzero(replay(values, method="zscore").alerting[0]).tolist() == [99]

    def test_the_quartiles_allow_one_and_a_half_ranges(self):
        values = np.tile([98.0, 99.0, 101.0, 102.0], 20)
        result = replay(values, method="iqr")
        assert (result.lower[0, 40], result.upper[0, 40]) == (95, 105)

    def test_smoothing_follows_with_weight_alpha(self):
        values = np.zeros(60)
        values[50:] = 10
        expected = replay(values, method="exponential_smoothing").expected[0]
        assert expected[51] == pytest.approx(3, abs=1e-4)
        assert expected[52] == pytest.approx(5.1, abs=1e-4)


class TestThreshold:
    """Another threshold than what the detector has found out by itself."""

    # The vote's band is made of four, each around its own centre.
    @pytest.mark.parametrize("method", [*METHODS, "calibrated"])
    def test_scores_are_divided_by_it_and_the_band_is_as_much_wider(self, method):
        values = calm(400)
        values[300] = 300
        usual = replay(values, method=method, peak_hold=False)
        double = replay(values, method=method, peak_hold=False, threshold=2)
        assert np.allclose(double.score, usual.score / 2)
        known = np.isfinite(usual.upper) & np.isfinite(usual.lower)
        assert known.any()
        wide = (double.upper - double.lower)[known]
        assert np.allclose(wide, 2 * (usual.upper - usual.lower)[known])

    @pytest.mark.parametrize("method", EVERY)
    def test_a_higher_one_begins_no_alert_that_a_lower_one_does_not(self, method):
        values = calm(400)
        values[300:303] = 150
        usual = replay(values, method=method).alerting
        assert usual.any()
        assert not (replay(values, method=method, threshold=1e6).alerting).any()
        assert not (replay(values, method=method, threshold=1.5).alerting & ~usual).any()


class TestVote:
    def test_more_than_half_must_agree(self):
        result = replay(np.stack([calm(seed=seed) for seed in range(20)]), method="ensemble")
        votes = sum(score > 1 for score in result.views.values())
        assert np.array_equal(result.alerting, votes > 2)
        assert {2, 3} <= set(votes.ravel().tolist())

    def test_the_breakdown_names_all_four(self):
        assert set(replay(calm(), method="ensemble").views) == set(METHODS)


class TestRefusal:
    @pytest.mark.parametrize(
        "timestamps,values",
        [([1, 2], [[1.0]]), ([1], [1.0]), ([2, 1], [[1.0, 2.0]]), ([1, np.nan], [[1.0, 2.0]])],
        ids=["lengths", "dimensions", "backwards", "no time"],
    )
    def test_input_that_does_not_fit_is_refused(self, timestamps, values):
        with pytest.raises(ValueError, match="timestamps"):
            Detector().replay(timestamps, values)


class TestAnyInput:
    """Whatever the series are; any numpy warning would be an error."""

    series = arrays.arrays(
        np.float64,
        st.tuples(st.integers(1, 3), st.integers(1, 60)),
        elements=st.one_of(
            st.floats(-1e3, 1e3), st.floats(allow_nan=True, allow_infinity=True), st.just(7.0)
        ),
    )

    @given(values=series, cut=st.integers(0, 60), method=st.sampled_from(EVERY))
    def test_a_prefix_is_judged_as_the_whole_is(self, values, cut, method):
        small = {"method": method, "history": 12, "warmup": 4, "moving_average_window": 4}
        whole, prefix = replay(values, **small), replay(values[:, :cut], **small)
        for field in FIELDS:
            expected = getattr(whole, field)[:, :cut]
            assert np.array_equal(getattr(prefix, field), expected, equal_nan=True)

    @given(values=series, method=st.sampled_from(EVERY))
    def test_every_value_gets_a_finite_score_and_only_values_do(self, values, method):
        small = {"method": method, "history": 12, "warmup": 4}
        score = replay(values, **small).score
        assert np.array_equal(np.isfinite(score), np.isfinite(values))
        assert (score[np.isfinite(score)] >= 0).all()
