"""What is learnt at a refresh, and what is learnt anew."""

import numpy as np
import pytest

from anomaly.detector import calibration
from anomaly.detector.arrays import DAY
from anomaly.detector.history import History
from anomaly.detector.memory import (
    LEVEL,
    PEAK_HALF_LIFE,
    PREFERRED,
    RESTLESSNESS_FLOOR,
    Knowledge,
    Memory,
)
from anomaly.detector.samples import SHARE_OF_LARGEST, Samples, floor
from anomaly.detector.views import PLACES, VIEWS

STEP = 300.0
CHANGE, SUSTAINED = PLACES["change"], PLACES["sustained"]


def history(values, step=STEP):
    held = History.empty(values.shape[1])
    held.extend(np.arange(len(values)) * step, values)
    return held


def taught(ticks=120, series=2, *, residual=2.0, seasons=(np.nan, np.nan), strength=1.0, seed=1):
    """A memory and the history that it is of; levels are 10, 20, ..."""
    random = np.random.default_rng(seed)
    values = 10.0 * np.arange(1, series + 1) + random.normal(size=(ticks, series))
    residuals = np.tile([residual, -residual], ticks // 2)[:, None, None]
    residuals = np.broadcast_to(residuals, (ticks, len(VIEWS), series)).copy()
    residuals[:, LEVEL] = values
    memory = Memory.empty(series)
    memory.residuals.add(0, residuals)
    said = np.broadcast_to(np.tile(seasons, 2)[:, None], (ticks, 4, series))
    memory.seasons.add(0, said)
    memory.strengths.add(0, np.full((ticks, series), strength))
    return memory, history(values)


def learnt(memory, held, before=None):
    ticks = len(held.times)
    return memory.knowledge(held, ticks, ticks, before)


class TestKnowledge:
    def test_level_is_the_usual_value(self):
        memory, held = taught()
        assert learnt(memory, held).level == pytest.approx(np.median(held.values, axis=0))

    def test_scales_are_the_usual_sizes_of_residuals(self):
        known = learnt(*taught(residual=2.0))
        assert known.scales[CHANGE] == pytest.approx(1.4826 * 2, rel=1e-3)

    def test_centres_are_those_of_views_that_are_not_centred_by_themselves(self):
        centres = learnt(*taught()).centres
        for view, centre in zip(VIEWS, centres, strict=True):
            assert view.centred == (centre == 0).all() or view.name == "restlessness"

    def test_no_scale_is_below_its_floor(self):
        known = learnt(*taught(residual=0.0))
        assert np.array_equal(known.scales[CHANGE], floor(known.level))
        assert known.scales[PLACES["restlessness"]].tolist() == [RESTLESSNESS_FLOOR] * 2

    @pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)
    def test_a_scale_is_unknown_before_enough_residuals(self, view):
        place = PLACES[view.name]
        few, enough = (
            learnt(*taught(ticks, seasons=(4.0, 4.0))).scales[place] for ticks in (20, 120)
        )
        assert np.isnan(few).all()
        assert np.isfinite(enough).all()

    def test_bound_is_endless_before_enough_strengths(self):
        memory, held = taught()
        memory.strengths = Samples.empty((2,), calibration.SLOTS, calibration.REACH)
        assert np.isinf(learnt(memory, held).bound).all()
        memory.strengths.add(0, np.ones((calibration.LEAST_SAMPLES, 2)))
        assert np.isfinite(learnt(memory, held).bound).all()

    def test_without_a_step_what_was_known_goes_on(self):
        memory, held = taught()
        before = learnt(memory, held)
        held.times[:] = 7.0
        assert learnt(memory, held, before) is before
        assert learnt(memory, held) is None


class TestSeasons:
    def test_the_week_speaks_where_it_is_closer_by_far(self):
        known = learnt(*taught(seasons=(4.0, 4.0 * PREFERRED * 0.9)))
        assert known.by_week.all()
        assert known.season_scale == pytest.approx(1.4826 * 4 * PREFERRED * 0.9, rel=1e-3)

    def test_the_days_speak_elsewhere(self):
        known = learnt(*taught(seasons=(4.0, 4.0 * PREFERRED * 1.1)))
        assert not known.by_week.any()
        assert known.season_scale == pytest.approx(1.4826 * 4, rel=1e-3)

    def test_the_week_speaks_where_days_say_nothing(self):
        assert learnt(*taught(seasons=(np.nan, 4.0))).by_week.all()

    def test_are_unknown_while_nobody_speaks(self):
        known = learnt(*taught())
        assert np.isnan(known.season_scale).all()
        assert not known.by_week.any()

    @pytest.mark.parametrize(
        "days,step,seasons",
        [(0.9, STEP, 0), (1.1, STEP, 1), (6.9, STEP, 1), (7.1, STEP, 2), (40, DAY / 2, 0)],
    )
    def test_come_one_after_the_other(self, days, step, seasons):
        held = history(np.ones((int(days * DAY / step) + 1, 1)), step)
        memory = Memory.empty(1)
        assert learnt(memory, held).seasons == seasons


class TestPeaks:
    def test_a_peak_that_thinning_missed_widens_the_scale(self):
        memory, held = taught(residual=0.001)
        memory.newest_peaks[CHANGE] = 1000.0
        assert learnt(memory, held).scales[CHANGE].tolist() == [1000 * SHARE_OF_LARGEST] * 2

    def test_fades_with_time(self):
        memory, held = taught()
        memory.newest_peaks[CHANGE] = 1000.0
        before = learnt(memory, held)
        ticks = len(held.times)
        later = ticks + round(PEAK_HALF_LIFE / STEP)
        memory.knowledge(held, ticks, later, before)
        assert memory.peaks[CHANGE] == pytest.approx(500)

    def test_the_larger_one_counts(self):
        memory, held = taught()
        memory.newest_peaks[CHANGE] = 1000.0
        learnt(memory, held)
        memory.newest_peaks[CHANGE] = 3.0
        learnt(memory, held)
        assert memory.peaks[CHANGE].tolist() == [1000, 1000]


class TestForecast:
    def test_is_fitted_anew_when_the_past_has_grown(self):
        memory, held = taught()
        first = learnt(memory, held)
        ticks = len(held.times)
        assert memory.knowledge(held, ticks, first.fit_at - 1, first).forecast is first.forecast
        assert memory.knowledge(held, ticks, first.fit_at, first).forecast is not first.forecast


class TestRelearn:
    def test_holds_what_is_given_and_nothing_of_before(self):
        """Of the series that it is asked for only."""
        memory, held = taught()
        residuals = np.full((len(VIEWS), 40, 1), 3.0)
        residuals[LEVEL] = 77.0
        memory.only(slice(0, 1)).relearn(residuals, np.full((4, 40, 1), 5.0))
        known = learnt(memory, held)
        assert known.level == pytest.approx([77, 20], abs=0.5)
        assert known.scales[SUSTAINED] == pytest.approx([1.4826 * 3, 1.4826 * 2], rel=1e-3)
        assert known.season_scale[0] == pytest.approx(1.4826 * 5, rel=1e-3)

    def test_what_is_learnt_of_one_series_leaves_the_others(self):
        """Rows are put where they belong."""
        memory, held = taught()
        known = learnt(memory, held)
        other = known.only(slice(1, 2))
        known.put(slice(0, 1), other)
        assert known.level[0] == known.level[1]
        assert np.array_equal(known.scales[:, 0], known.scales[:, 1], equal_nan=True)


class TestState:
    def test_memory_and_knowledge_come_back(self):
        memory, held = taught(seasons=(4.0, 2.0))
        memory.newest_peaks[CHANGE] = 9.0
        known = learnt(memory, held)
        again = Knowledge.restored(known.state())
        assert again.state().keys() == known.state().keys()
        for name, value in known.state().items():
            assert np.array_equal(again.state()[name], value, equal_nan=True), name
        other = learnt(Memory.restored(memory.state()), held, again)
        assert np.array_equal(other.scales, learnt(memory, held, known).scales, equal_nan=True)

    def test_knowledge_without_a_forecast_comes_back_without_one(self):
        known = learnt(*taught(ticks=10))
        assert known.forecast is None
        assert Knowledge.restored(known.state()).forecast is None
