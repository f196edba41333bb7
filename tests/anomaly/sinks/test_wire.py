import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.sinks.remote_write import Sample, encode, encode_labels
from anomaly.sinks.series import STALE
from tests.anomaly.sinks.decoding import decode

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200)
labels = st.dictionaries(names, names, min_size=1, max_size=4)


def request(labels, timestamps, values):
    series = encode_labels(labels)
    return encode(Sample(series, *pair) for pair in zip(timestamps, values, strict=True))


class TestRequest:
    @given(
        labels=labels,
        samples=st.lists(
            st.tuples(st.integers(0, 2**42 - 1), st.floats(allow_nan=False, allow_infinity=True)),
            min_size=1,
            max_size=5,
        ),
    )
    def test_is_read_as_it_was_meant(self, labels, samples):
        body = request(labels, [t / 1000 for t, _ in samples], [v for _, v in samples])
        (series,) = decode(body)
        assert series.labels == sorted(labels.items())
        assert series.samples == samples

    def test_holds_many_series(self):
        found = decode(
            encode(
                Sample(encode_labels({"row": str(row)}), float(time), 20.0 * row + time)
                for time in range(20)
                for row in range(500)
            )
        )
        assert len(found) == 500
        assert found[499].samples[-1] == (19_000, 9_999.0)

    def test_may_be_empty(self):
        assert decode(encode([])) == []

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
