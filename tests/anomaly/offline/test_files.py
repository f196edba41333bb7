import numpy as np
import pytest

from anomaly.errors import DataError
from anomaly.offline.files import read


@pytest.fixture
def table(tmp_path):
    def write(text, name="cart.csv"):
        path = tmp_path / name
        path.write_text(text)
        return read([path], step_seconds=60)

    return write


@pytest.fixture
def archive(tmp_path):
    def write(**arrays):
        path = tmp_path / "some.npz"
        np.savez(path, **arrays)
        return read([path], step_seconds=30)

    return write


class TestTable:
    def test_one_row_a_point(self, table):
        (series,) = table("timestamp,value,label\n0,1.5,0\n60,,1\n60,NaN,1\n120,4,0\n")
        assert series.name == "cart"
        assert series.timestamps.tolist() == [0, 60, 60, 120]
        assert np.array_equal(series.values, [1.5, np.nan, np.nan, 4], equal_nan=True)
        assert series.incidents.tolist() == [False, True, True, False]

    def test_rows_of_several_series_may_be_mixed(self, table):
        one, two = table('series,timestamp,value\na,0,1\n"b{x=""y""}",0,2\na,60,3\n')
        assert (one.name, one.values.tolist(), one.labels) == ("a", [1, 3], {"series": "a"})
        assert (two.labels, two.incidents) == ({"x": "y"}, None)

    def test_one_column_a_series(self, table):
        one, two = table("timestamp,cart,web\n0,1,2\n60,3,\n")
        assert (one.name, two.name) == ("cart", "web")
        assert one.values.tolist() == [1, 3]
        assert np.isnan(two.values[1])

    def test_times_may_be_written_as_such(self, table):
        (series,) = table("timestamp,value\n2023-11-14 22:13:20,1\n2023-11-14T22:14:20Z,2\n")
        assert series.timestamps.tolist() == [1_700_000_000, 1_700_000_060]

    @pytest.mark.parametrize(
        "text,what",
        [
            ("", "no column timestamp"),
            ("time,value\n1,2\n", "no column timestamp"),
            ("timestamp,value\n", "has no values"),
            ("timestamp\n1\n", "has no values"),
            ("timestamp,value\n1,2,3\n", r"cart.csv:2: 3 cells under 2 columns"),
            ("timestamp,value\n1,2\n2,many\n", r"cart.csv:3: 'many' is no number"),
            ("timestamp,value\n1,\n2,n/a\n", r"cart.csv:3: 'n/a' is no number"),
            ("timestamp,value\n1,2\n2,2024-01-05\n", r"cart.csv:3: '2024-01-05' is no number"),
            ("timestamp,cart\n1,2\n2,2024-01-05\n", r"cart.csv:3: '2024-01-05' is no number"),
            ("timestamp,value\nsoon,2\n", r"cart.csv:2: 'soon' is no time"),
            ("timestamp,value,label\n1,2,maybe\n", r"cart.csv:2: 'maybe' is no label"),
            ("timestamp,value,unit\n1,2,s\n", "unknown column unit"),
            ("timestamp,cart,label\n1,2,0\n", "column label but no column value"),
            ("timestamp,value\n60,1\n0,2\n", "time runs backwards at point 2"),
            ("timestamp,value\n,1\n", "point 1 has no time"),
            ("timestamp,value\n1700000000000,1\n", "look like milliseconds"),
            ("timestamp,value\n-5,1\n", "lie before 1970"),
            ("timestamp,a,a\n0,1,1\n", "two columns have the same name"),
        ],
    )
    def test_mistakes_are_told_with_their_place(self, table, text, what):
        with pytest.raises(DataError, match=what):
            table(text)


class TestArchive:
    def test_arrays_go_by_their_endings(self, archive):
        arrays = {"a/b|t": np.array([0, 5]), "a/b|v": np.float32([1, 2]), "a/b|l": np.int8([0, 1])}
        (series,) = archive(**arrays)
        assert series.name == "a/b"
        assert series.timestamps.tolist() == [0, 5]
        assert series.values.dtype == np.float64
        assert series.incidents.tolist() == [False, True]

    def test_without_times_the_step_makes_them(self, archive):
        (series,) = archive(**{"a|v": np.arange(3.0)})
        assert series.timestamps.tolist() == [0, 30, 60]
        assert series.incidents is None

    @pytest.mark.parametrize(
        "arrays,what",
        [
            ({"a": np.arange(3)}, r"no array whose name ends in \|v"),
            ({"a|v": np.zeros((2, 2))}, r"a\|v is not a row of numbers"),
            ({"a|v": np.array(["x"])}, r"a\|v is not a row of numbers"),
            ({"a|v": np.zeros(2), "a|t": np.zeros(3)}, "different lengths"),
            ({"a|v": np.zeros(2), "a|l": np.zeros(3)}, "different lengths"),
            ({"a|v": np.zeros(2), "a|t": np.array([5, 1])}, "time runs backwards"),
            ({"a|v": np.zeros(0)}, "has no points"),
            ({"a|v": np.array([None])}, "cannot read .*some.npz"),
        ],
    )
    def test_mistakes_are_told_with_their_place(self, archive, arrays, what):
        with pytest.raises(DataError, match=what):
            archive(**arrays)


class TestFiles:
    @pytest.mark.parametrize("name", ["gone.csv", "gone.npz"])
    def test_that_are_not_there(self, tmp_path, name):
        with pytest.raises(DataError, match=r"cannot read .*gone"):
            read([tmp_path / name], step_seconds=60)

    @pytest.mark.parametrize("name", ["bad.csv", "bad.npz"])
    def test_that_hold_something_else(self, tmp_path, name):
        (tmp_path / name).write_bytes(b"\xff\xfe\x00PK\x03\x04")
        with pytest.raises(DataError, match=r"cannot read .*bad"):
            read([tmp_path / name], step_seconds=60)

    def test_of_another_kind_are_refused(self, tmp_path):
        with pytest.raises(DataError, match=r"is neither .csv nor .npz"):
            read([tmp_path / "series.parquet"], step_seconds=60)

    def test_may_be_several(self, tmp_path):
        for name in ("a.csv", "b.csv"):
            (tmp_path / name).write_text("timestamp,value\n0,1\n")
        found = read([tmp_path / "a.csv", tmp_path / "b.csv"], step_seconds=60)
        assert [series.name for series in found] == ["a", "b"]
