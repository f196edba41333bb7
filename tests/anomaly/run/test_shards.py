from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomaly.labels import Shard, place

labels = st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=5)


class TestShards:
    @given(labels, st.integers(1, 200))
    def test_every_series_is_in_exactly_one(self, own, count):
        shards = [Shard(index=index, count=count) for index in range(count)]
        assert sum(shard.holds(own) for shard in shards) == 1

    @pytest.mark.parametrize("count", [2, 7, 100])
    def test_are_equal_in_size(self, count):
        series = 200 * count
        sizes = Counter(place({"service": f"s{number}"}) % count for number in range(series))
        assert len(sizes) == count
        assert 130 <= min(sizes.values()) <= max(sizes.values()) <= 270

    def test_stay_the_same_from_run_to_run(self):
        assert place({"namespace": "shop", "service": "api"}) == 15051290486111993820

    @given(labels)
    def test_do_not_know_the_pod_nor_the_metric(self, own):
        changed = {**own, "pod": "a", "instance": "b", "__name__": "c"}
        assert place(changed) == place({**own, "pod": "x", "instance": "y"})

    def test_all_signals_of_a_service_land_in_one(self):
        signals = [{"__name__": name, "service": "api"} for name in ("latency", "traffic")]
        assert len({place(own) for own in signals}) == 1
