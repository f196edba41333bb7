import numpy as np
import pytest

from anomaly import DetectorConfig
from anomaly.offline import past as module
from anomaly.offline.files import Recorded
from anomaly.offline.past import FilesPast

LENGTH, STEP = 600, 300.0


def recorded(name, jump_at, seed, labels=None):
    values = np.random.default_rng(seed).normal(100, 2, LENGTH)
    values[jump_at : jump_at + 5] = 400
    return Recorded(name, {"series": name}, np.arange(LENGTH) * STEP, values, labels)


def replayed(skip=0.0):
    labels = np.arange(LENGTH) == 500
    series = [recorded("a", 400, 1), recorded("b", 500, 2, labels)]
    return FilesPast(series, DetectorConfig(), skip)


@pytest.fixture
def past():
    return replayed(skip=450 * STEP)


class TestFilesPast:
    def test_names_every_series(self, past):
        assert [name.text for name in past.names] == ["a", "b"]

    def test_alerts_count_from_where_the_skipped_part_ends(self, past):
        first, second = past.alerted(1)
        assert not first.alerting.any()
        assert second.alerting[500:510].any()
        assert past.span == (450 * STEP, (LENGTH - 1) * STEP)

    def test_labels_are_handed_on(self, past):
        first, second = past.alerted(1)
        assert first.incidents is None
        assert np.flatnonzero(second.incidents).tolist() == [500]
        assert past.incidents(1) is not None

    def test_a_higher_threshold_alerts_at_no_more_points(self):
        past = replayed()
        low, high = ([series.alerting for series in past.alerted(each)] for each in (0.5, 2))
        assert np.array(high).sum() <= np.array(low).sum()

    def test_verdicts_are_of_the_whole_history_of_one_series(self, past):
        verdicts = past.verdicts(0)
        assert verdicts.name == "a"
        assert verdicts.alerting[400:410].any()
        assert verdicts.views
        worst = np.nanargmax(verdicts.score)
        assert verdicts.values[worst] > verdicts.upper[worst] > verdicts.expected[worst]

    def test_scores_of_verdicts_are_each_of_their_own_point(self):
        verdicts = replayed().verdicts(0)
        assert verdicts.score[404] > 1
        assert verdicts.score[460:].max() < 1

    def test_neighbours_with_the_same_times_are_judged_together_as_far_as_memory_goes(
        self, monkeypatch
    ):
        def sizes(*series):
            return [len(group) for group in FilesPast(series, DetectorConfig())._groups]

        same = [recorded(name, 400, 1) for name in "abc"]
        later = Recorded("d", {}, same[0].timestamps + 1, same[0].values, None)
        assert sizes(*same, later) == [3, 1]
        monkeypatch.setattr(module, "MOST_POINTS", 2 * LENGTH)
        assert sizes(*same) == [2, 1]
        assert sizes() == []
