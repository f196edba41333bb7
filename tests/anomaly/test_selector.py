import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.labels import parsed, selector

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True)


class TestSelector:
    def test_is_written_in_the_order_of_the_labels(self):
        labels = {"service": "cart", "namespace": "shop"}
        assert selector("latency", labels) == 'latency{namespace="shop",service="cart"}'

    def test_the_metric_that_a_signal_is_made_of_is_left_out(self):
        labels = {"__name__": "request_seconds", "service": "cart"}
        assert selector("latency", labels) == 'latency{service="cart"}'

    def test_without_labels_it_is_the_name(self):
        assert selector("up", {}) == "up"
        assert parsed("up") == ("up", {})

    @given(NAMES, st.dictionaries(NAMES, st.text(max_size=8), max_size=4))
    def test_is_read_as_it_is_written(self, name, labels):
        assert parsed(selector(name, labels)) == (name, labels)

    @pytest.mark.parametrize("text", ['up{a="b"', "up{a=b}", 'up{a="b" c="d"}', 'up{a!="b"}', "}{"])
    def test_that_is_none_is_refused(self, text):
        with pytest.raises(ValueError, match="is not a series"):
            parsed(text)

    def test_spaces_do_no_harm(self):
        assert parsed(' up { a = "b" , c="d" } ') == ("up", {"a": "b", "c": "d"})
