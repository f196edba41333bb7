from functools import partial
from pathlib import Path

import numpy as np
import pytest

from anomaly.prometheus import readings as module
from anomaly.prometheus.blocks import Block
from anomaly.prometheus.client import QueryCost
from anomaly.prometheus.readings import Readings

STEP = 300.0


def key(number):
    return (("service", f"s{number}"),)


def block(start, length, numbers, *, degraded=False, traffic=True, values=None):
    """Steps of some series whose values say which series and step they are of."""
    steps = np.arange(start, start + length)
    if values is None:
        values = 1000.0 * np.array(numbers)[:, None] + steps
    return Block(
        timestamps=steps * STEP,
        keys=tuple(map(key, numbers)),
        values=values,
        traffic=values / 10 if traffic else None,
        degraded=degraded,
        warnings=(),
        cost=QueryCost(),
    )


@pytest.fixture(params=["in memory", "in a file", "on a full disk"])
def readings(request, monkeypatch):
    monkeypatch.setattr(module, "CHUNK_SERIES", 4)
    if request.param != "in memory":
        monkeypatch.setattr(module, "IN_MEMORY", 10)
    if request.param == "on a full disk":
        full = partial(Path("/dev/full").open, "w+b", buffering=0)
        monkeypatch.setattr(module, "_temporary_file", full)
    with Readings() as readings:
        yield readings


class TestReadings:
    def test_give_all_steps_of_some_series(self, readings):
        readings.add(block(0, 3, range(6)))
        readings.add(block(3, 2, range(6)))
        assert [len(chunk) for chunk in readings.chunks] == [4, 2]
        reading = readings.chunk(1)
        assert reading.timestamps.tolist() == [step * STEP for step in range(5)]
        assert reading.values.tolist() == [
            [4000, 4001, 4002, 4003, 4004],
            [5000, 5001, 5002, 5003, 5004],
        ]
        assert (reading.traffic * 10 == reading.values).all()

    def test_series_may_come_in_any_order_and_stay_away(self, readings):
        readings.add(block(0, 1, [0, 1, 2]))
        readings.add(block(1, 1, [2, 0]))
        values = readings.chunk(0).values
        assert values[:, 1].tolist()[::2] == [1, 2001]
        assert np.isnan(values[1, 1])

    def test_series_that_come_later_are_put_together(self, readings):
        readings.add(block(0, 3, [0]))
        readings.add(block(3, 2, [0, 7]))
        readings.add(block(5, 1, [0, 7, 8, 9, 10]))
        assert [len(chunk) for chunk in readings.chunks] == [4, 1]
        values = readings.chunk(0).values
        assert np.isnan(values[1]).tolist() == [True] * 3 + [False] * 3
        assert values[1, 3:].tolist() == [7003, 7004, 7005]
        late = readings.chunk(1)
        assert (late.timestamps.tolist(), late.values.tolist()) == ([5 * STEP], [[10005]])

    def test_a_series_without_any_value_is_none(self, readings):
        readings.add(block(0, 3, [0, 1], values=np.array([[1.0, 2, 3], [np.nan] * 3])))
        assert readings.chunks == [(key(0),)]
        assert readings.chunk(0).values.tolist() == [[1, 2, 3]]

    def test_without_traffic_there_is_none(self, readings):
        readings.add(block(0, 20, [0, 1], traffic=False))
        assert readings.chunk(0).traffic is None


class TestPart:
    def test_is_some_of_the_steps(self):
        with Readings() as readings:
            readings.add(block(0, 5, [0]))
        part = readings.chunk(0).part(slice(1, 3))
        assert part.values.tolist() == [[1, 2]]
        assert (part.timestamps.tolist(), len(part.heard)) == ([STEP, 2 * STEP], 2)


class TestHeard:
    def test_of_a_block_that_is_not_whole_nothing_is_taken(self):
        with Readings() as readings:
            readings.add(block(0, 2, range(6)))
            readings.add(block(2, 2, range(6), degraded=True))
        reading = readings.chunk(0)
        assert reading.heard.tolist() == [True, True, False, False]
        assert np.isnan(reading.values[:, 2:]).all()
        assert readings.all_series.heard.tolist() == [True, True, False, False]

    def test_steps_at_which_nobody_has_a_value_say_nothing(self):
        values = np.full((6, 3), 1.0)
        values[:, 1] = np.nan
        with Readings() as readings:
            readings.add(block(0, 3, range(6), values=values))
        assert readings.chunk(0).heard.tolist() == [True, False, True]
        assert np.isnan(readings.all_series.values[0]).tolist() == [False, True, False]

    def test_of_few_series_they_do(self):
        with Readings([(key(0), key(1))]) as readings:
            readings.add(block(0, 2, range(2), values=np.full((2, 2), np.nan)))
        assert readings.are_few
        assert readings.chunk(0).heard.tolist() == [True, True]


def test_known_series_keep_their_places():
    with Readings([(key(3), key(1))]) as readings:
        readings.add(block(0, 1, [1, 2, 3]))
        assert readings.chunk(0).values.tolist() == [[3000], [1000]]
        assert readings.chunks == [(key(3), key(1)), (key(2),)]
