import numpy as np
import pytest

from anomaly.config.signals import WatchedSignal
from anomaly.errors import Overloaded
from anomaly.labels import Shard
from anomaly.prometheus import blocks as module
from anomaly.prometheus.blocks import Blocks, Companions, key_of
from anomaly.settings import Settings
from tests.anomaly.world import NOW, STEP, World, noise

START = NOW - 99 * STEP


@pytest.fixture
def world():
    world = World()
    for number in range(6):
        world.add("q", {"service": f"s{number}"}, noise(number))
        world.add("t", {"service": f"s{number}"}, lambda times, n=number: times * 0 + n)
    return world


def reader(world, *, traffic=None, query="q", most=100, shard=None, known=(), companions=None):
    signal = WatchedSignal(name="s", query=query, traffic=traffic)
    settings = Settings(step_seconds=STEP, max_series=most, shards=shard or Shard())
    return Blocks(world, companions or Companions(world), signal, settings, known)


def key(number):
    return key_of({"service": f"s{number}"})


class TestBlocks:
    def test_come_one_after_the_other_and_leave_nothing_out(self, world, monkeypatch):
        monkeypatch.setattr(module, "BLOCK_SAMPLES", 6 * 25)
        found = list(reader(world).read(START, NOW))
        times = np.concatenate([block.timestamps for block in found])
        assert np.array_equal(times, START + np.arange(100) * STEP)
        assert [len(block.timestamps) for block in found] == [25, 25, 25, 25]
        assert all(block.values.shape == (6, len(block.timestamps)) for block in found)

    def test_of_known_series_need_no_first_look(self, world):
        (block,) = reader(world, known=[key(0)]).read(START, NOW)
        assert len(block.timestamps) == 100
        assert len(block.keys) == 6

    def test_of_nothing_are_none(self, world):
        assert list(reader(world).read(NOW + STEP, NOW)) == []
        (block, *_) = reader(world, query="nothing").read(START, NOW)
        assert block.values.shape == (0, 12)

    def test_before_one_that_fails_are_good(self, world, monkeypatch):
        monkeypatch.setattr(module, "BLOCK_SAMPLES", 6 * 25)
        reading = reader(world).read(START, NOW)
        next(reading)
        world.failing["q"] = Overloaded("busy")
        with pytest.raises(Overloaded):
            next(reading)


class TestSeries:
    def test_are_those_of_the_shard(self, world):
        seen = [
            {
                key
                for block in reader(world, shard=Shard(index=index, count=3)).read(START, NOW)
                for key in block.keys
            }
            for index in range(3)
        ]
        assert sum(map(len, seen)) == len(set.union(*seen)) == 6

    def test_are_those_with_the_most_traffic(self, world):
        blocks = reader(world, traffic="t", most=3)
        found = [set(block.keys) for block in blocks.read(START, NOW)]
        assert found == [{key(5), key(4), key(3)}]
        assert blocks.dropped == 3

    def test_are_those_with_the_most_traffic_of_late(self, world):
        late = lambda times: np.where(times > NOW - 10 * STEP, 1e6, np.nan)  # noqa: E731
        for query in ("q", "t"):
            world.add(query, {"service": "new"}, late)
        blocks = reader(world, traffic="t", most=2)
        found = {key for block in blocks.read(START, NOW) for key in block.keys}
        assert found == {key_of({"service": "new"}), key(5)}

    def test_that_were_looked_at_before_stay(self, world):
        blocks = reader(world, traffic="t", most=2, known=[key(0), key(1)])
        assert {key for block in blocks.read(START, NOW) for key in block.keys} == {key(0), key(1)}

    def test_are_the_servers_choice_where_the_query_names_the_shard(self, world):
        world.series = {'q{shard="1",of="2"}': world.series["q"]}
        blocks = reader(
            world, query='q{shard="$shard",of="$shards"}', shard=Shard(index=1, count=2)
        )
        assert all(len(block.keys) == 6 for block in blocks.read(START, NOW))


class TestTraffic:
    def test_lies_beside_the_series_with_the_same_labels(self, world):
        world.series["t"].pop((("service", "s2"),))
        block = next(reader(world, traffic="t").read(START, NOW))
        column = dict(zip(block.keys, block.traffic[:, 0].tolist(), strict=True))
        assert [column[key(number)] for number in (0, 1, 3)] == [0, 1, 3]
        assert np.isnan(column[key(2)])

    def test_of_pods_is_that_of_each(self, world):
        rates = {"a": 100.0, "b": 50.0, "c": 0.001}
        for pod, rate in rates.items():
            labels = {"service": "x", "pod": pod}
            world.add("l", labels, noise(1))
            world.add("r", labels, lambda times, rate=rate: times * 0 + rate)
        block = next(reader(world, query="l", traffic="r").read(START, NOW))
        found = {
            dict(key)["pod"]: row[0] for key, row in zip(block.keys, block.traffic, strict=True)
        }
        assert found == rates

    def test_of_pods_is_added_up_for_their_service(self, world):
        world.add("l", {"service": "x"}, noise(1))
        for number in range(3):
            labels = {"service": "x", "pod": str(number)}
            world.add("r", labels, lambda times: times * 0 + 10.0)
        block = next(reader(world, query="l", traffic="r").read(START, NOW))
        assert block.traffic[0, 0] == 30

    def test_of_a_service_is_that_of_its_pods(self, world):
        world.add("r", {"service": "x"}, lambda times: times * 0 + 10.0)
        for number in range(2):
            world.add("l", {"service": "x", "pod": str(number)}, noise(1))
        block = next(reader(world, query="l", traffic="r").read(START, NOW))
        assert block.traffic[:, 0].tolist() == [10, 10]

    def test_of_no_series_is_none(self, world):
        block = next(reader(world, query="nothing", traffic="t").read(START, NOW))
        assert block.traffic.shape == (0, 12)

    def test_is_asked_for_once_for_several_signals(self, world):
        companions = Companions(world)
        for query in ("q", "q2"):
            world.series[query] = world.series["q"]
            blocks = reader(world, traffic="t", query=query, companions=companions, known=[key(0)])
            list(blocks.read(START, NOW))
        assert [query for query, *_ in world.asked] == ["q", "t", "q2"]

    def test_that_is_too_much_to_keep_is_asked_for_again(self, world, monkeypatch):
        monkeypatch.setattr(module, "COMPANION_SAMPLES", 700)
        companions = Companions(world)
        for start in (START, START + STEP, START):
            list(reader(world, traffic="t", known=[key(0)], companions=companions).read(start, NOW))
        assert [query for query, *_ in world.asked].count("t") == 3

    def test_that_is_not_whole_makes_the_block_so(self, world):
        world.degraded = True
        block = next(reader(world, traffic="t").read(START, NOW))
        assert block.degraded
        assert "store gateway is away" in block.warnings
