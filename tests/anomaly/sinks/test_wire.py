import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.sinks.remote_write import encode_labels, encode_samples, encode_series, pack
from anomaly.sinks.series import STALE
from tests.anomaly.sinks.decoding import decode

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
labels = st.dictionaries(names, names, min_size=1, max_size=4)


def request(labels, timestamps, values):
    samples = encode_samples(np.array(timestamps, float), np.array([values], float))
    return pack([encode_series(encode_labels(labels), samples[0].tobytes())])


class TestRequest:
    @given(
        labels=labels,
        samples=st.lists(
            st.tuples(st.integers(0, 2**42 - 1), st.floats(allow_nan=False, allow_infinity=True)),
            max_size=5,
        ),
    )
    def test_is_read_as_it_was_meant(self, labels, samples):
        body = request(labels, [t / 1000 for t, _ in samples], [v for _, v in samples])
        (series,) = decode(body)
        assert series.labels == sorted(labels.items())
        assert series.samples == samples

    def test_holds_many_series(self):
        samples = encode_samples(np.arange(20.0), np.arange(10_000.0).reshape(500, 20))
        body = pack(
            encode_series(encode_labels({"row": str(row)}), samples[row].tobytes())
            for row in range(500)
        )
        found = decode(body)
        assert len(found) == 500
        assert found[499].samples[-1] == (19_000, 9_999.0)

    def test_may_be_empty(self):
        assert decode(pack([])) == []

    def test_keeps_the_bits_of_the_stale_marker(self):
        (series,) = decode(request({"a": "b"}, [1, 2], [STALE, np.nan]))
        assert series.bits[0] == 0x7FF0000000000002
        assert series.bits[1] != 0x7FF0000000000002

    def test_leaves_out_labels_without_a_value(self):
        (series,) = decode(request({"b": "", "c": "1", "a": "2"}, [1], [1]))
        assert series.labels == [("a", "2"), ("c", "1")]


class TestRefusal:
    @pytest.mark.parametrize(
        "bad,what", [({"": "x"}, "without a name"), ({"a": "\ud800"}, "label 'a' is no text")]
    )
    def test_labels_that_nobody_could_read_are_refused(self, bad, what):
        with pytest.raises(ValueError, match=what):
            encode_labels(bad)

    @pytest.mark.parametrize("moment", [-1.0, 2**42 / 1000])
    def test_so_are_times_outside_our_age(self, moment):
        with pytest.raises(ValueError, match="from 1970 to 2109"):
            encode_samples(np.array([moment]), np.zeros((1, 1)))
