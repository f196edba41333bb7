import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.errors import MalformedAnswer
from anomaly.prometheus.answer import take_apart
from anomaly.prometheus.client import Grid

HOSTILE = ('"values":[[', '{"metric":', "]]}", "]]", "}", '\\"', "\\", '"result":[', "é\n", "")
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=8))
labels = st.dictionaries(texts, texts, max_size=3)
values = st.one_of(
    st.sampled_from(["NaN", "+Inf", "-Inf", "0", "-0", "1e-300", "1.7976931348623157e+308"]),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
pairs = st.tuples(st.integers(0, 2**33) | st.floats(0, 2e9), values).map(list)
histogram = st.just([1.5, {"count": "1", "sum": "2", "buckets": [[0, "1", "2", "3"]]}])
series = st.fixed_dictionaries(
    {"metric": labels, "values": st.lists(pairs, max_size=4)},
    optional={"histograms": st.lists(histogram, min_size=1, max_size=2)},
)
layouts = st.fixed_dictionaries(
    {
        "separators": st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")]),
        "ensure_ascii": st.booleans(),
        "sort_keys": st.booleans(),
    }
)


def body(result, **more):
    return {"status": "success", "data": {"resultType": "matrix", "result": result}, **more}


def collect(text, keep=lambda _: True):
    placed = []
    remarks = take_apart(text, lambda *one: placed.append(one), keep)
    return placed, remarks


class TestAnyAnswer:
    """However it is written: as if it had been read as one JSON document."""

    @given(
        result=st.lists(series, max_size=4),
        layout=layouts,
        warnings=st.lists(texts, max_size=2),
    )
    def test_is_read_as_json_would_be(self, result, layout, warnings):
        text = json.dumps(body(result, warnings=warnings), **layout).encode()
        placed, remarks = collect(text)
        expected = [
            (each["metric"], [[float(number) for number in pair] for pair in each["values"]])
            for each in result
            if each["values"]
        ]
        assert [labels for labels, *_ in placed] == [labels for labels, _ in expected]
        for (_, *found), (_, wanted) in zip(placed, expected, strict=True):
            assert np.array_equal(found, np.array(wanted, dtype=float).T, equal_nan=True)
        assert remarks.warnings == tuple(warnings)
        assert remarks.samples == sum(len(each["values"]) for each in result)
        assert len(remarks.histograms) == sum("histograms" in each for each in result)

    @given(result=st.lists(series, min_size=1, max_size=3), layout=layouts, data=st.data())
    def test_is_refused_when_its_end_is_missing(self, result, layout, data):
        text = json.dumps(body(result), **layout).encode()
        cut = data.draw(st.integers(0, len(text) - 1))
        with pytest.raises(MalformedAnswer):
            collect(text[:cut])

    @given(text=st.binary(max_size=200))
    def test_is_refused_when_it_is_none(self, text):
        with pytest.raises(MalformedAnswer):
            collect(b'{"status":"success","data":{"result":[' + text)


class TestSeries:
    def test_that_are_not_wanted_are_not_turned_into_numbers(self):
        broken = {"metric": {"app": "b"}, "values": [[0, "many"]]}
        text = json.dumps(body([broken]), separators=(",", ":")).encode()
        placed, remarks = collect(text, keep=lambda labels: labels["app"] != "b")
        assert (placed, remarks.samples) == ([], 1)

    def test_of_histograms_and_numbers_bring_their_numbers_and_a_remark(self):
        both = {"metric": {"app": "a"}, "values": [[0, "1"]], "histograms": [[60, {}]]}
        placed, remarks = collect(json.dumps(body([both]), separators=(",", ":")).encode())
        assert [each.tolist() for each in placed[0][1:]] == [[0], [1]]
        assert remarks.histograms == ({"app": "a"},)

    @pytest.mark.parametrize(
        "samples", [7, 0, -1, True, {}, [1], [[]], [[1]], [[1, "a"]], [[1, "1,2"]], [["x", "1"]]]
    )
    def test_whose_samples_are_none_are_refused(self, samples):
        text = json.dumps(body([{"metric": {}, "values": samples}])).encode()
        with pytest.raises(MalformedAnswer):
            collect(text)

    def test_may_be_null_where_there_are_none(self):
        text = json.dumps(body(None)).encode()
        assert collect(text)[0] == []


class TestMemory:
    def test_is_that_of_the_matrix_and_not_of_python_objects(self):
        rows, length = 300, 2000
        samples = [[60 * step, f"{step}.123456789"] for step in range(length)]
        result = [{"metric": {"app": str(row)}, "values": samples} for row in range(rows)]
        text = json.dumps(body(result)).encode()
        grid = Grid(0, length, 60, most=rows)
        tracemalloc.start()
        try:
            take_apart(text, grid.place, lambda _: True)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        values, labels = grid.series
        assert (values.shape, len(labels)) == ((rows, length), rows)
        assert np.isfinite(values).all()
        # Beside it the text and the numbers of one series, and the answer without samples.
        assert peak < 1.1 * values.nbytes + 2_000_000
