"""A memory of few values against a plain list that is filled tick by tick."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.detector.samples import COIN, Samples, chosen

SLOTS, REACH = 8, 64


def stands(tick, stride):
    """Whether a tick is the one that a group of so many remembers, by tossing the coin."""
    group = tick // stride
    while stride > 1:
        stride //= 2
        group = 2 * group + (group * int(COIN) % 2**64 >> 63)
    return group == tick


@dataclass
class Listed:
    """What the memory should hold, as a list of (tick, value)."""

    kept: list = field(default_factory=list)
    stride: int = 1

    def add(self, tick, value):
        if len(self.kept) == SLOTS and self.stride * SLOTS < REACH:
            self.stride *= 2
            self.kept = [(old, kept) for old, kept in self.kept if stands(old, self.stride)]
        if stands(tick, self.stride):
            self.kept = [*self.kept, (tick, value)][-SLOTS:]


def remembered(values, portions=()):
    """A memory that was given values in portions of these sizes, and the rest."""
    samples, at = Samples.empty((), SLOTS, REACH), 0
    for size in [*portions, len(values)]:
        samples.add(at, np.asarray(values[at : at + size], float))
        at = min(at + size, len(values))
    return samples


def in_order(samples):
    """The values, oldest first."""
    return samples.values[..., : samples.filled][..., np.argsort(samples.ticks[: samples.filled])]


class TestWhatIsKept:
    @given(
        values=st.lists(st.floats(-1e6, 1e6, width=32) | st.just(np.nan), max_size=200),
        portions=st.lists(st.integers(0, 70), max_size=6),
    )
    def test_is_what_a_list_keeps_in_portions_of_any_size(self, values, portions):
        listed = Listed()
        for tick, value in enumerate(values):
            listed.add(tick, value)
        samples = remembered(values, portions)
        assert samples.stride == listed.stride
        assert in_order(samples).tolist() == pytest.approx(
            [value for _, value in listed.kept], nan_ok=True, abs=0
        )

    def test_everything_while_it_is_young(self):
        assert in_order(remembered(range(8))).tolist() == list(range(8))

    def test_spans_its_reach_and_then_moves_on(self):
        samples = remembered(range(1000))
        assert samples.filled == SLOTS
        assert samples.stride == REACH // SLOTS
        kept = in_order(samples)
        assert kept[-1] >= 1000 - 2 * samples.stride
        assert kept[0] < 1000 - REACH + 2 * samples.stride

    def test_ticks_that_were_left_out_do_no_harm(self):
        samples = Samples.empty((2,), SLOTS, REACH)
        samples.add(501, np.arange(50.0).reshape(25, 2))
        samples.add(900, np.full((1, 2), 7.0))
        assert samples.filled < SLOTS
        assert (samples.ticks[: samples.filled] >= 501).all()

    def test_is_not_driven_out_by_silence(self):
        samples = Samples.empty((2,), SLOTS, SLOTS)
        samples.add(0, np.ones((SLOTS, 2)))
        heard = np.repeat([[True, False]], SLOTS, axis=0)
        samples.take(SLOTS, SLOTS, lambda ticks: np.full((2, len(ticks)), 2.0), heard)
        assert samples.values.tolist() == [[2.0] * SLOTS, [1.0] * SLOTS]


class TestTheTicksThatAreChosen:
    @pytest.mark.parametrize("stride", [1, 2, 8, 32])
    def test_are_one_of_every_so_many(self, stride):
        assert np.array_equal(chosen(0, 4096, stride) // stride, np.arange(4096 // stride))

    @pytest.mark.parametrize("stride", [2, 8, 32])
    def test_were_chosen_before_there_were_more_to_a_group(self, stride):
        assert set(chosen(0, 4096, stride)) <= set(chosen(0, 4096, stride // 2))

    @pytest.mark.parametrize("period", [2, 7, 12, 24, 48, 60])
    @pytest.mark.parametrize("stride", [2, 8, 32])
    def test_show_every_phase_of_what_comes_periodically(self, stride, period):
        phases = np.bincount(chosen(0, 512 * stride, stride) % period, minlength=period)
        assert phases.min() > 512 / period / 3
        assert phases.max() < 512 / period * 3

    @given(first=st.integers(0, 300), ticks=st.integers(0, 100), stride=st.sampled_from([1, 4, 32]))
    def test_are_the_same_for_every_part(self, first, ticks, stride):
        everything = [tick for tick in range(first, first + ticks) if stands(tick, stride)]
        assert chosen(first, first + ticks, stride).tolist() == everything


class TestQuantile:
    @given(
        rows=st.lists(
            st.lists(st.floats(-1e3, 1e3, width=32) | st.just(np.nan), min_size=5, max_size=5),
            min_size=1,
            max_size=4,
        ),
        fraction=st.floats(0, 1),
    )
    def test_is_that_of_what_is_known(self, rows, fraction):
        samples = Samples.empty((len(rows),), 5, 5)
        samples.add(0, np.array(rows).T)
        quantile = samples.ordered().quantile(fraction)
        for row, value in zip(rows, quantile, strict=True):
            known = [number for number in row if not np.isnan(number)]
            expected = np.quantile(known, fraction) if known else np.nan
            assert value == pytest.approx(expected, nan_ok=True, abs=1e-9)

    def test_of_nothing_is_unknown(self):
        assert np.isnan(Samples.empty((3,), SLOTS, REACH).ordered().quantile(0.5)).all()

    def test_of_some_rows_is_of_those(self):
        samples = Samples.empty((3,), SLOTS, REACH)
        samples.add(0, np.array([[1.0, 2.0, 3.0]]))
        assert samples.ordered([2, 0]).quantile(0.5).tolist() == [3, 1]


class TestDistances:
    def test_are_sizes_around_each_centre_in_rising_order(self):
        samples = Samples.empty((2,), SLOTS, REACH)
        samples.add(0, np.array([[1.0, 5.0], [4.0, np.nan], [2.0, 9.0]]))
        sizes = samples.distances(np.array([3.0, 6.0]))
        assert sizes.values[0].tolist() == [1, 1, 2]
        assert sizes.values[1, :2].tolist() == [1, 3]
        assert sizes.counts.tolist() == [3, 2]

    def test_leave_the_memory_as_it_was(self):
        samples = remembered(range(5))
        samples.distances(np.array(3.0))
        assert in_order(samples).tolist() == [0, 1, 2, 3, 4]


class TestState:
    def test_goes_on_as_if_nothing_had_been(self):
        values = np.random.default_rng(1).normal(size=300)
        resumed = Samples.restored(remembered(values[:150]).state())
        resumed.add(150, values[150:])
        assert np.array_equal(resumed.values, remembered(values).values)
