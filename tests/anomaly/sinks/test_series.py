import numpy as np
import pytest

from anomaly.config.receivers import OUTPUTS
from anomaly.incidents.track import Judged
from anomaly.sinks.series import STALE_BITS, result_series

NAN = np.nan


def judged(values, *, score=None, alerting=None, labels=None):
    """Labels, and verdicts that expect 10 everywhere."""
    values = np.array(values, dtype=float)
    times = 600 + 60.0 * np.arange(values.shape[1])
    score = np.where(np.isnan(values), NAN, 0.5 if score is None else np.array(score))
    alerting = np.zeros(values.shape, bool) if alerting is None else np.array(alerting)
    expected = np.where(np.isnan(values), NAN, 10.0)
    labels = labels or tuple({"service": f"s{row}"} for row in range(len(values)))
    edges = (expected, expected - 1, expected + 1)
    return labels, Judged(times, values, score, alerting, alerting, *edges, views={})


def written(labels, judged, after=0.0, there=False, **keys):
    before = np.full(len(labels), there)
    given = ("traffic", "ensemble", labels, judged)
    blocks = result_series(*given, after=after, there=before, **keys)
    return {block.metric: block for block in blocks}


def marks(block):
    """`x` for a value, `.` for nothing, `S` for the end."""
    stale = block.values.view(np.uint64) == STALE_BITS
    chosen = np.where(stale, "S", np.where(block.written(), "x", "."))
    return ["".join(row) for row in chosen]


class TestSeries:
    def test_are_all_outputs_with_the_labels_of_the_input_and_the_signal(self):
        found = written(*judged([[1, 2]]))
        assert tuple(found) == OUTPUTS
        assert found["yhat"].labels == ({"service": "s0", "for": "traffic"},)
        assert found["anomaly_detection_method"].labels == (
            {"service": "s0", "for": "traffic", "method": "ensemble"},
        )
        assert [found[name].values[0, 0] for name in ("yhat_lower", "yhat", "yhat_upper")] == [
            9, 10, 11,
        ]  # fmt: skip

    def test_have_one_sample_for_each_new_step(self):
        found = written(*judged([[1, 2, 3, 4]]), after=660)
        assert found["anomaly_score"].timestamps.tolist() == [720, 780]
        assert found["anomaly_score"].values.shape == (1, 2)

    def test_are_none_where_no_step_is_new(self):
        assert written(*judged([[1, 2]]), after=660) == {}

    def test_are_none_where_there_are_no_series(self):
        assert written(*judged(np.empty((0, 3)))) == {}

    def test_may_be_fewer(self):
        assert tuple(written(*judged([[1]]), outputs=("yhat",))) == ("yhat",)

    def test_say_in_the_verdict_whether_an_alert_is_open(self):
        given = judged(
            [[1, 2, 3, 4]], score=[[0.9, 3, 0.7, 5]], alerting=[[False, True, True, False]]
        )
        found = written(*given)
        assert found["anomaly_score"].values.tolist() == [[0.9, 3, 0.7, 5]]
        assert found["anomaly_detection_score"].values.tolist() == [[0, 3, 1, 0]]

    def test_keep_labels_that_are_taken_under_another_name(self):
        labels = ({"__name__": "up", "for": "me", "method": "GET"},)
        found = written(*judged([[1]], labels=labels))
        assert found["anomaly_score"].labels == (
            {"exported_for": "me", "for": "traffic", "method": "GET"},
        )
        assert found["anomaly_detection_method"].labels == (
            {
                "exported_for": "me",
                "for": "traffic",
                "exported_method": "GET",
                "method": "ensemble",
            },
        )


class TestEnds:
    def test_are_marked_once_where_a_series_has_no_value_any_more(self):
        found = written(*judged([[1, 2, NAN, NAN, 5], [NAN, NAN, 3, 4, NAN]]))
        assert marks(found["anomaly_score"]) == ["xxS.x", "..xxS"]
        assert marks(found["yhat"]) == ["xxS.x", "..xxS"]

    @pytest.mark.parametrize("after,seen", [(660, "S.x"), (720, ".x"), (600, "xS.x")])
    def test_are_seen_across_the_seam_of_two_runs(self, after, seen):
        found = written(*judged([[1, 2, NAN, NAN, 5]]), after=after)
        assert marks(found["anomaly_score"]) == [seen]

    @pytest.mark.parametrize("there,seen", [(True, "S.x"), (False, "..x")])
    def test_are_seen_by_who_was_there_before(self, there, seen):
        found = written(*judged([[NAN, NAN, 5]]), there=there)
        assert marks(found["anomaly_score"]) == [seen]
