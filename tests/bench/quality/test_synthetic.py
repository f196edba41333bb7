"""The series that are made for the benchmark."""

import numpy as np
import pytest

from bench.quality import faults
from bench.quality.faults import plant
from bench.quality.spans import runs
from bench.quality.synthetic import FAMILIES, suite

SUITE = {series.name: series for series in suite()}


class TestSuite:
    def test_follows_from_the_seed(self):
        again, other = suite(), suite(1)

        for one, two in zip(SUITE.values(), again, strict=True):
            assert np.array_equal(one.values, two.values, equal_nan=True)
            assert np.array_equal(one.labels, two.labels)
        assert not np.array_equal(SUITE["hourly-0"].values, other[0].values)

    def test_a_family_does_not_depend_on_the_others(self):
        """Each draws from a generator of its own, so that adding one changes no other's series."""
        number = list(FAMILIES).index("counts")
        times, values, _ = next(FAMILIES["counts"](np.random.default_rng([20_250_101, number])))

        assert np.array_equal(SUITE["counts-0"].values, values)
        assert np.array_equal(SUITE["counts-0"].timestamps, times)

    @pytest.mark.parametrize("series", SUITE.values(), ids=SUITE)
    def test_series_are_in_order_and_faults_do_not_come_at_once(self, series):
        assert len(series) == len(series.values) == len(series.labels)
        assert (np.diff(series.timestamps) >= 0).all()
        assert not series.labels[: len(series) // 3 - 100].any()

    @pytest.mark.parametrize("family", FAMILIES)
    def test_all_families_but_the_quiet_have_faults(self, family):
        labelled = [s.labels.any() for name, s in SUITE.items() if name.startswith(family)]

        assert all(labelled) != (family == "quiet")
        assert any(labelled) != (family == "quiet")

    def test_holes_are_gaps_repetitions_and_missing_values(self):
        steps = np.diff(SUITE["holes-0"].timestamps)

        assert steps.max() == 101 * 300
        assert (steps == 0).any()
        assert np.isnan(SUITE["holes-0"].values).any()
        assert not np.isnan(SUITE["machines-0"].values).any()


class TestFaults:
    BASE = 100 + np.random.default_rng(5).normal(0, 1, 2000)

    @pytest.mark.parametrize(
        "fault",
        [
            faults.spike,
            faults.drop,
            faults.burst,
            faults.flat_line,
            faults.denser_spikes,
            faults.drift,
        ],
        ids=lambda fault: fault.__name__,
    )
    def test_change_just_what_is_labelled(self, fault):
        values, labels = plant(self.BASE, (fault,) * 3, np.random.default_rng(0))

        changed = values != self.BASE
        assert len(runs(labels)) == 3
        assert changed.any()
        assert not (changed & ~labels).any()

    def test_a_shift_stays_but_only_its_beginning_is_labelled(self):
        values, labels = plant(self.BASE, (faults.level_shift,), np.random.default_rng(0))

        (first, last), *_ = runs(labels)
        assert last - first + 1 == faults.SETTLING
        assert (values[first:] != self.BASE[first:]).all()

    def test_the_series_given_is_left_as_it_is(self):
        before = self.BASE.copy()

        plant(self.BASE, (faults.spike,), np.random.default_rng(0))

        assert np.array_equal(self.BASE, before)
