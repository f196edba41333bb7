import numpy as np

from anomaly.offline import history
from anomaly.offline.recorded import Recorded


def recorded(name, times, labels=None):
    times = np.array(times, dtype=float)
    incidents = None if labels is None else np.array(labels, dtype=bool)
    return Recorded(name, {"series": name}, times, np.arange(len(times), dtype=float), incidents)


def together(*series, skip=0.0):
    return list(history.of_recorded(series, skip_seconds=skip))


class TestTogether:
    def test_neighbours_with_the_same_times_are_one_matrix(self):
        first, second = together(
            recorded("a", [0, 60]), recorded("b", [0, 60]), recorded("c", [0, 90])
        )
        assert (first.names, second.names) == (("a", "b"), ("c",))
        assert first.values.shape == (2, 2)

    def test_a_matrix_does_not_grow_beyond_what_fits_into_memory(self, monkeypatch):
        monkeypatch.setattr(history, "MOST_POINTS", 4)
        pieces = together(*(recorded(name, [0, 60]) for name in "abc"))
        assert [piece.names for piece in pieces] == [("a", "b"), ("c",)]

    def test_of_nothing_there_is_nothing(self):
        assert together() == []

    def test_what_is_skipped_does_not_count(self):
        (piece,) = together(recorded("a", [0, 60, 120, 180]), skip=120)
        assert piece.graded.tolist() == [False, False, True, True]
