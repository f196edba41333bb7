import numpy as np
import pytest

from anomaly.prometheus.client import Grid


@pytest.fixture
def grid():
    return Grid(10, 5, 60, most=100)


def samples(*pairs):
    return np.array(pairs, dtype=float).reshape(-1, 2).T


class TestPlacing:
    def test_samples_land_on_the_nearest_step(self, grid):
        grid.place({"app": "a"}, *samples((600, 1), (661, 2), (719, 3)))
        values, labels = grid.series
        assert labels == ({"app": "a"},)
        assert np.array_equal(values, [[1, 2, 3, np.nan, np.nan]], equal_nan=True)

    def test_order_does_not_matter_and_of_duplicates_the_last_counts(self, grid):
        grid.place({}, *samples((720, 5), (600, 1), (720, 6)))
        assert grid.series[0][0, [0, 2]].tolist() == [1, 6]

    def test_what_lies_outside_is_left_out(self, grid):
        grid.place({}, *samples((540, 1), (900, 1), (1e18, 1), (-1e18, 1)))
        assert np.isnan(grid.series[0]).all()

    def test_infinities_are_no_values(self, grid):
        grid.place({}, *samples((600, np.inf), (660, -np.inf), (720, np.nan)))
        assert np.isnan(grid.series[0]).all()

    def test_the_same_labels_are_the_same_series_in_whatever_order(self, grid):
        grid.place({"a": "1", "b": "2"}, *samples((600, 1)))
        grid.place({"b": "2", "a": "1"}, *samples((660, 2)))
        assert grid.series[0].shape == (1, 5)


class TestGrowing:
    def test_many_series_keep_their_values(self):
        grid = Grid(0, 3, 1, most=10_000)
        for row in range(3000):
            grid.place({"row": str(row)}, *samples((0, row), (2, -row)))
        values, labels = grid.series
        assert values.shape == (3000, 3)
        assert [labels[row]["row"] for row in (0, 2999)] == ["0", "2999"]
        assert np.array_equal(values[:, 0], np.arange(3000))
        assert np.isnan(values[:, 1]).all()
        assert np.array_equal(values[:, 2], -np.arange(3000))

    def test_it_stops_where_there_is_no_room(self):
        grid = Grid(0, 1, 1, most=2)
        for name in ("a", "b", "c", "d", "c", "a"):
            grid.place({"app": name}, *samples((0, 1)))
        assert grid.dropped == 2
        assert grid.series[0].shape == (2, 1)
