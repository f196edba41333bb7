"""Reading labelled series."""

import numpy as np
import pytest

from bench.quality.series import DataError, Labelled, read


def save(folder, name="metrics", **arrays):
    np.savez(folder / f"{name}.npz", **{key.replace("__", "|"): arrays[key] for key in arrays})


class TestRead:
    def test_every_file_is_a_group(self, tmp_path):
        save(tmp_path, "b", x__v=[1.0, 2.0], x__l=[0, 1], x__t=[0.0, 300.0])
        save(tmp_path, "a", y__v=[1.0], y__l=[0])

        groups = read(tmp_path)

        assert list(groups) == ["a", "b"]
        (series,) = groups["b"]
        assert series.name == "x"
        assert series.labels.tolist() == [False, True]
        assert series.step == 300

    def test_names_may_hold_bars(self, tmp_path):
        np.savez(tmp_path / "a.npz", **{"a|b|v": [1.0], "a|b|l": [0]})

        assert read(tmp_path)["a"][0].name == "a|b"

    def test_without_timestamps_points_are_a_minute_apart(self, tmp_path):
        save(tmp_path, x__v=[1.0, 2.0, 3.0], x__l=[0, 0, 0])

        assert read(tmp_path)["metrics"][0].timestamps.tolist() == [0, 60, 120]

    def test_an_empty_folder_is_refused(self, tmp_path):
        with pytest.raises(DataError, match=r"holds no \.npz file"):
            read(tmp_path)

    def test_a_series_without_labels_is_refused(self, tmp_path):
        save(tmp_path, x__v=[1.0])

        with pytest.raises(DataError, match=r"series 'x' has no array x\|l"):
            read(tmp_path)

    def test_arrays_of_different_length_are_refused(self, tmp_path):
        save(tmp_path, x__v=[1.0, 2.0], x__l=[0])

        with pytest.raises(DataError, match="2 values, 1 labels and 2 timestamps"):
            read(tmp_path)

    def test_time_that_runs_backwards_is_refused(self, tmp_path):
        save(tmp_path, x__v=[1.0, 2.0], x__l=[0, 0], x__t=[60.0, 0.0])

        with pytest.raises(DataError, match="'x' run backwards"):
            read(tmp_path)


class TestLabelled:
    def test_the_usual_step_ignores_gaps_and_repetitions(self):
        times = np.array([0.0, 60, 60, 120, 180, 9000])

        assert Labelled("x", times, times, times > 0).step == 60

    def test_a_beginning_is_all_of_the_first_points(self):
        times = np.arange(5.0)

        beginning = Labelled("x", times, times, times > 3).beginning(2)

        assert len(beginning) == len(beginning.values) == len(beginning.labels) == 2
