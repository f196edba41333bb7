import gzip
import json

import numpy as np
import pytest

from anomaly.config.endpoint import Connection
from anomaly.errors import AnswerTooLarge, MalformedAnswer, Overloaded, Refused, Unreachable
from anomaly.prometheus.client import Prometheus
from tests.anomaly.fake_prometheus import matrix, success
from tests.anomaly.fake_server import Reply


@pytest.fixture
def ask(prometheus):
    def query(start=0, end=240, step=60, text="up", keep=lambda _: True, **settings):
        connection = Connection(url=prometheus.url, **settings)
        return Prometheus(connection).query_range(text, start=start, end=end, step=step, keep=keep)

    return query


def wave(*names):
    """Answers with one wave for each name."""
    return lambda form: matrix(form, [({"app": name}, 0.0) for name in names])


class TestQuestion:
    def test_is_posted_once_on_the_grid_of_the_step(self, prometheus, ask):
        ask(start=61, end=250)
        assert prometheus.queries == [
            {
                "query": "up",
                "start": "60",
                "end": "240",
                "step": "60",
                "timeout": "27",
                "stats": "all",
            }
        ]
        assert prometheus.received[0].path == "/api/v1/query_range"

    def test_takes_further_parameters_along(self, prometheus, ask):
        ask(parameters={"dedup": "true"})
        assert prometheus.queries[0]["dedup"] == "true"

    def test_is_split_without_asking_for_a_step_twice(self, prometheus, ask):
        prometheus.serve(calm={"app": "a"})
        whole = ask(end=420, max_points_per_query=3)
        spans = [(form["start"], form["end"]) for form in prometheus.queries]
        assert spans == [("0", "120"), ("180", "300"), ("360", "420")]
        assert np.isfinite(whole.values).all()

    def test_never_spans_more_steps_than_prometheus_allows(self, prometheus, ask):
        ask(end=30_000, step=1)
        spans = [int(form["end"]) - int(form["start"]) for form in prometheus.queries]
        assert spans == [10_999, 10_999, 8_000]

    def test_a_range_that_ends_before_it_starts_is_none(self, ask):
        with pytest.raises(ValueError, match="ends at 60, before it starts at 120"):
            ask(start=120, end=60)


class TestAnswer:
    def test_lands_on_the_grid_with_gaps_where_nothing_is(self, prometheus, ask):
        series = [
            {"metric": {"app": "b"}, "values": [[60, "1"], [240, "+Inf"]]},
            {"metric": {"app": "a"}, "values": [[0, "0.5"], [120.2, "NaN"], [180, "-Inf"]]},
        ]
        prometheus.answers((200, success(series)))
        found = ask()
        assert found.timestamps.tolist() == [0, 60, 120, 180, 240]
        assert found.labels == ({"app": "b"}, {"app": "a"})
        nan = np.nan
        expected = [[nan, 1, nan, nan, nan], [0.5, nan, nan, nan, nan]]
        assert np.array_equal(found.values, expected, equal_nan=True)

    def test_may_be_empty(self, ask):
        found = ask()
        assert found.values.shape == (0, 5)
        assert not found.degraded

    def test_series_that_come_in_one_part_only_have_a_gap_in_the_others(self, prometheus, ask):
        def answer(form):
            return wave("old", "new")(form) if form["start"] != "0" else wave("old")(form)

        prometheus.answer = answer
        found = ask(end=300, max_points_per_query=3)
        assert found.labels == ({"app": "old"}, {"app": "new"})
        assert np.isfinite(found.values).tolist() == [[True] * 6, [False] * 3 + [True] * 3]

    def test_series_may_come_in_another_order_in_each_part(self, prometheus, ask):
        names = [["a", "b"], ["b", "a"]]
        prometheus.answer = lambda form: (
            200,
            success(
                [
                    {"metric": {"app": name}, "values": [[int(form["start"]), str(ord(name))]]}
                    for name in names[len(prometheus.queries) - 1]
                ]
            ),
        )
        assert ask(end=60, max_points_per_query=1).values.tolist() == [[97, 97], [98, 98]]

    def test_is_taken_compressed(self, prometheus, ask):
        body = gzip.compress(success([{"metric": {"app": "a"}, "values": [[0, "1"]]}]))
        prometheus.answers(Reply(body=body, headers={"Content-Encoding": "gzip"}))
        assert ask().values[0, 0] == 1
        assert "gzip" in prometheus.received[0].headers["Accept-Encoding"]

    def test_series_that_are_not_wanted_are_left_out(self, prometheus, ask):
        prometheus.answer = wave("a", "b", "c")
        found = ask(keep=lambda labels: labels["app"] != "b")
        assert found.labels == ({"app": "a"}, {"app": "c"})
        assert not found.warnings

    def test_says_what_it_cost(self, prometheus, ask):
        series = [{"metric": {"app": "a"}, "values": [[0, "1"], [60, "2"]]}]
        data = {
            "resultType": "matrix",
            "result": series,
            "stats": {"samples": {"totalQueryableSamples": 40}},
        }
        body = json.dumps({"status": "success", "data": data}).encode()
        prometheus.answers((503, b""), (200, body))
        cost = ask(max_points_per_query=3).cost
        assert (cost.requests, cost.samples, cost.queryable_samples) == (3, 4, 80)
        assert cost.received_bytes == 2 * len(body)

    def test_figures_that_are_none_do_not_matter(self, prometheus, ask):
        data = {"resultType": "matrix", "result": [], "stats": {"samples": []}}
        prometheus.answers((200, json.dumps({"status": "success", "data": data}).encode()))
        assert ask().cost.queryable_samples == 0


class TestRemarks:
    def test_warnings_degrade_the_answer(self, prometheus, ask):
        prometheus.answers((200, success([], warnings=["store gateway is away"])))
        found = ask()
        assert found.warnings == ("store gateway is away",)
        assert found.degraded

    def test_infos_do_not(self, prometheus, ask):
        prometheus.answers((200, success([], infos=["metric might not be a counter"])))
        found = ask()
        assert not found.degraded
        assert not found.warnings

    def test_an_answer_may_call_itself_partial(self, prometheus, ask):
        prometheus.answers((200, success([], isPartial=True)))
        found = ask()
        assert found.degraded
        assert found.warnings == ("the server says that its answer is not complete",)

    def test_a_warning_in_one_part_is_told_once_and_degrades_the_whole(self, prometheus, ask):
        prometheus.answers(
            (200, success([], warnings=["w"])), (200, success([], warnings=["w"])),
            (200, success([])),
        )  # fmt: skip
        found = ask(max_points_per_query=2)
        assert found.warnings == ("w",)
        assert found.degraded

    def test_native_histograms_are_named_and_left_out(self, prometheus, ask):
        histogram = {"count": "2", "sum": "3", "buckets": [[0, "0.5", "1", "2"]]}
        series = [
            {"metric": {"__name__": "x", "app": name}, "histograms": [[0, histogram]]}
            for name in "abcde"
        ]
        series.append({"metric": {"app": "f"}, "values": [[0, "1"]]})
        prometheus.answers((200, success(series)))
        found = ask()
        assert found.labels == ({"app": "f"},)
        (warning,) = found.warnings
        assert 'left out: x{app="a"}, x{app="b"}, x{app="c"} and 2 more; take' in warning
        assert not found.degraded

    def test_more_series_than_allowed_are_counted_and_degrade(self, prometheus, ask):
        prometheus.answer = wave("a", "b", "c", "d")
        found = ask(max_series=3, max_points_per_query=2)
        assert found.values.shape == (3, 5)
        assert found.dropped == 1
        assert found.degraded
        assert found.warnings[0].startswith("the query has 4 series and 3 are allowed; 1 were left")


class TestLength:
    def test_an_answer_that_is_too_long_is_asked_for_in_smaller_parts(self, prometheus, ask):
        prometheus.answer = wave(*map(str, range(40)))
        found = ask(end=63 * 60, max_response_bytes=65_536)
        spans = [1 + (int(form["end"]) - int(form["start"])) // 60 for form in prometheus.queries]
        assert spans == [64, 16, 16, 16, 16]
        assert np.isfinite(found.values).all()
        (warning,) = found.warnings
        assert warning.endswith("set max_points_per_query to 16")
        assert not found.degraded

    def test_a_single_step_that_is_too_long_is_an_error(self, prometheus, ask):
        prometheus.answer = wave(*map(str, range(2000)))
        with pytest.raises(AnswerTooLarge, match="65536 bytes for a single step; narrow the query"):
            ask(end=120, max_response_bytes=65_536)

    def test_a_bomb_is_not_unpacked(self, prometheus, ask):
        bomb = gzip.compress(b" " * 50_000_000)
        prometheus.answers(Reply(body=bomb, headers={"Content-Encoding": "gzip"}))
        with pytest.raises(AnswerTooLarge):
            ask(end=0, max_response_bytes=65_536)


class TestFaults:
    @pytest.mark.parametrize("label", [b"a\nb", b"a\xffb", rb"\x41", rb"\ud800"])
    def test_a_label_that_is_no_json_is_a_malformed_answer(self, prometheus, ask, label):
        good = success([{"metric": {"app": "LABEL"}, "values": [[0, "1"]]}])
        prometheus.answers((200, good.replace(b"LABEL", label)))
        with pytest.raises(MalformedAnswer):
            ask()

    @pytest.mark.parametrize("status", [429, 500, 502, 503])
    def test_an_overloaded_server_is_asked_again(self, prometheus, ask, status):
        prometheus.answers((status, b"busy"), (200, success([])))
        ask()
        assert len(prometheus.queries) == 2

    def test_but_not_for_ever(self, prometheus, ask):
        prometheus.refuse(503, "too many queries")
        with pytest.raises(Overloaded, match="503: too many queries"):
            ask()
        assert len(prometheus.queries) == 3

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
    def test_a_refusal_is_final(self, prometheus, ask, status):
        prometheus.refuse(status, "bad expression")
        with pytest.raises(Refused, match=f"{status}: bad expression"):
            ask()
        assert len(prometheus.queries) == 1

    def test_a_query_that_is_too_much_at_once_is_told_how_to_be_less(self, prometheus, ask):
        said = "query processing would load too many samples into memory in query execution"
        prometheus.refuse(422, said)
        with pytest.raises(Refused, match=r"5 steps .* set max_points_per_query to fewer"):
            ask()
        assert len(prometheus.queries) == 1

    def test_nobody_there(self):
        gone = Prometheus(Connection(url="http://127.0.0.1:1"))
        with pytest.raises(
            Unreachable, match=r"127.0.0.1:1 cannot be reached \(Connection refused"
        ):
            gone.query_range("up", start=0, end=60, step=60)

    def test_no_answer(self, prometheus, ask):
        prometheus.answers(Reply(silent=True))
        with pytest.raises(Unreachable, match=r"gave no answer in 0.05 s"):
            ask(timeout_seconds=0.05)
        assert len(prometheus.queries) == 3

    def test_an_answer_that_drips_is_given_up(self, prometheus, ask):
        prometheus.answers(Reply(body=success([]), dripping=True))
        with pytest.raises(Unreachable, match="did not finish its answer"):
            ask(timeout_seconds=0.1)

    def test_an_answer_that_breaks_off_is_asked_for_again(self, prometheus, ask):
        body = success(
            [
                {"metric": {"app": "ghost"}, "values": [[0, "1"], [60, "2"]]},
                {"metric": {"app": "a"}, "values": [[60, "5"]]},
            ]
        )
        whole = success([{"metric": {"app": "a"}, "values": [[0, "7"]]}])
        prometheus.answers(Reply(body=body[:-30], missing=30), (200, whole))
        found = ask()
        assert found.labels == ({"app": "a"},)
        assert found.values[0, 0] == 7
        assert np.isnan(found.values[0, 1:]).all()

    def test_a_redirect_is_not_followed(self, prometheus, ask, server):
        target = f"{server.url}/elsewhere?token=x"
        prometheus.answers(Reply(status=302, headers={"Location": target}))
        with pytest.raises(Refused, match=r"302: it redirects to http://127\.0") as refused:
            ask()
        assert "token" not in str(refused.value)
        assert server.received == []

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html>Please log in</html>",
            b'{"status":"succ',
            b"[]",
            b'{"status":"error"}',
            b'{"status":"success"}',
            b'{"status":"success","data":{"resultType":"vector","result":[]}}',
            b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":{}}]}}',
            b'{"status":"success","data":{"resultType":"matrix","result":[7]}}',
            b'{"status":"success","data":{"resultType":"matrix","result":[{"metric":7,"values":[]}]}}',
            b'{"status":"success","data":{"result":[{"metric":' + b"[" * 100_000,
            b"[" * 100_000,
            success([{"metric": {}, "values": [[0, "many"]]}]),
            success([{"metric": {}, "values": [[0, "1", "2"]]}]),
            success([{"metric": {}, "values": ["0", "1"]}]),
            success([{"metric": {}, "values": [["NaN", "1"]]}]),
            success([{"metric": {"app": 5}, "values": [[0, "1"]]}]),
            success([{"metric": {}, "values": [[0, "1"]]}])[:-5],
            success([{"metric": {}, "values": [[0, "1"], [60, "2"]]}])[:-12],
        ],
    )
    def test_an_answer_that_is_none(self, prometheus, ask, body):
        prometheus.answers((200, body))
        with pytest.raises(MalformedAnswer, match=prometheus.url):
            ask()
        assert len(prometheus.queries) == 1
