from hypothesis import given
from hypothesis import strategies as st

from anomaly.incidents.alert import key

SINCE = 1_700_000_100.0
labels = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=5)


class TestKey:
    def test_is_the_same_in_every_run_and_on_every_machine(self):
        told = key("prod", "traffic", {"service": "api", "namespace": "shop"}, SINCE)
        assert told == "42d1718cf764974e4b7abc9fd1e1f62b"

    def test_does_not_know_the_pod(self):
        pods = [{"service": "api", "pod": pod, "instance": f"{pod}:80"} for pod in ("a", "b")]
        assert len({key("prod", "traffic", pod, SINCE) for pod in pods}) == 1

    @given(labels)
    def test_does_not_depend_on_the_order_of_labels(self, own):
        backwards = dict(reversed(own.items()))
        assert key("prod", "traffic", own, SINCE) == key("prod", "traffic", backwards, SINCE)

    @given(labels, st.text(max_size=8), st.text(min_size=1, max_size=8))
    def test_tells_series_apart(self, own, name, value):
        other = {**own, f"x{name}": value}
        assert key("prod", "traffic", own, SINCE) != key("prod", "traffic", other, SINCE)

    def test_tells_environments_signals_and_times_apart(self):
        own = {"service": "api"}
        keys = {
            key("prod", "traffic", own, SINCE),
            key("staging", "traffic", own, SINCE),
            key("prod", "latency_p95", own, SINCE),
            key("prod", "traffic", own, SINCE + 300),
            key("prodtraffic", "", own, SINCE),
        }
        assert len(keys) == 5
