import json

import numpy as np
import pytest

from anomaly import prometheus as reader
from anomaly.errors import MalformedAnswer, Overloaded, QueryRefused, Unreachable
from anomaly.prometheus import Prometheus
from tests.anomaly.fake_prometheus import success


@pytest.fixture
def ask(prometheus):
    def query(start=0, end=240, step=60, text="up"):
        return Prometheus(prometheus.url).query_range(text, start=start, end=end, step=step)

    return query


def answers(prometheus, *bodies):
    """Answers in turn; the last one again and again."""
    remaining = list(bodies)
    prometheus.answer = lambda _: remaining.pop(0) if len(remaining) > 1 else remaining[0]


class TestQuestion:
    def test_is_posted_on_the_grid_of_the_step(self, prometheus, ask):
        ask(start=61, end=250)
        assert prometheus.queries[0] == {
            "query": "up",
            "start": "60",
            "end": "240",
            "step": "60",
            "timeout": "27.000s",
        }

    def test_is_split_where_prometheus_would_refuse_it(self, prometheus, ask, monkeypatch):
        monkeypatch.setattr(reader, "MOST_STEPS", 3)
        prometheus.serve(calm={"app": "a"})
        whole = ask(end=420)
        spans = [(form["start"], form["end"]) for form in prometheus.queries]
        assert spans == [("0", "120"), ("180", "300"), ("360", "420")]
        assert whole.values.shape == (1, 8)
        assert np.isfinite(whole.values).all()


class TestAnswer:
    def test_lands_on_the_grid_with_gaps_where_nothing_is(self, prometheus, ask):
        series = [
            {"metric": {"app": "b"}, "values": [[60, "1"], [240, "+Inf"]]},
            {"metric": {"app": "a"}, "values": [[0, "0.5"], [120.2, "NaN"]]},
        ]
        answers(prometheus, (200, success(series)))
        matrix = ask()
        assert matrix.timestamps.tolist() == [0, 60, 120, 180, 240]
        assert matrix.labels == ({"app": "a"}, {"app": "b"})
        nan = np.nan
        expected = [[0.5, nan, nan, nan, nan], [nan, 1, nan, nan, np.inf]]
        assert np.array_equal(matrix.values, expected, equal_nan=True)

    def test_may_be_empty(self, ask):
        assert ask().values.shape == (0, 5)

    def test_brings_warnings_along(self, prometheus, ask):
        answers(prometheus, (200, success([], warnings=["store gateway is away"])))
        assert ask().warnings == ("store gateway is away",)


class TestRetry:
    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_an_overloaded_server_is_asked_again(self, prometheus, ask, status):
        answers(prometheus, (status, b"busy"), (200, success([])))
        ask()
        assert len(prometheus.queries) == 2

    def test_but_not_for_ever(self, prometheus, ask):
        prometheus.refuse(503, "too many queries")
        with pytest.raises(Overloaded, match="503: too many queries"):
            ask()
        assert len(prometheus.queries) == 3

    @pytest.mark.parametrize("status", [400, 401, 422])
    def test_a_refusal_is_final(self, prometheus, ask, status):
        prometheus.refuse(status, "bad expression")
        with pytest.raises(QueryRefused, match=f"{status}: bad expression"):
            ask()
        assert len(prometheus.queries) == 1


class TestFailure:
    def test_nobody_there(self, prometheus):
        gone = Prometheus("http://127.0.0.1:1")
        with pytest.raises(Unreachable, match="cannot be reached"):
            gone.query_range("up", start=0, end=60, step=60)

    @pytest.mark.parametrize(
        "body",
        [
            b"<html>",
            b'{"status": "succ',
            b"[]",
            b'{"status": "error"}',
            b'{"status": "success"}',
            json.dumps({"status": "success", "data": {"result": [{"metric": {}}]}}).encode(),
            success([{"metric": {}, "values": [[0, "many"]]}]),
        ],
    )
    def test_an_answer_that_is_none(self, prometheus, ask, body):
        answers(prometheus, (200, body))
        with pytest.raises(MalformedAnswer):
            ask()
