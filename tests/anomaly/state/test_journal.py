import numpy as np
import pytest

from anomaly.prometheus.blocks import Block
from anomaly.state.files import Journal


def block(at, *services, traffic=None, **keys):
    times = at + np.arange(2) * 300.0
    values = np.random.default_rng(int(at)).normal(size=(len(services), 2))
    beside = None if traffic is None else np.full(values.shape, traffic)
    return Block(times, tuple((("service", name),) for name in services), values, beside, **keys)


def same(one, other):
    return (
        one.keys == other.keys
        and np.array_equal(one.timestamps, other.timestamps)
        and np.array_equal(one.values, other.values, equal_nan=True)
        and (one.traffic is None) == (other.traffic is None)
        and (one.degraded, one.partial) == (other.degraded, other.partial)
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "traffic.journal"


@pytest.fixture
def read(path):
    return lambda after=0.0: list(Journal(path).read(after))


@pytest.fixture
def append(path):
    """As runs do it: each reads before it adds."""

    def add(*blocks):
        journal = Journal(path)
        list(journal.read(0.0))
        journal.append(blocks)

    return add


BLOCKS = (
    block(600, "a", "b", degraded=False),
    block(1200, "b", "c", degraded=False, partial=True),
    block(1800, degraded=False),
    block(2400, "c", "a", degraded=True, traffic=5.0),
)


def test_what_was_read_comes_back_bit_by_bit(read, append):
    append(*BLOCKS[:2])
    for each in BLOCKS[2:]:
        append(each)
    assert all(map(same, read(), BLOCKS))
    assert len(read()) == len(BLOCKS)


def test_what_the_state_holds_already_does_not(read, append):
    append(*BLOCKS)
    assert [each.timestamps[0] for each in read(after=1500)] == [1800, 2400]


def test_nothing_is_none(read):
    assert read() == []


@pytest.mark.parametrize("lost", [1, 8, 40])
def test_a_record_that_breaks_off_is_none_and_the_next_takes_its_place(path, read, append, lost):
    append(*BLOCKS[:2])
    path.write_bytes(path.read_bytes()[:-lost])
    assert len(read()) == 1
    append(BLOCKS[3])
    assert all(map(same, read(), (BLOCKS[0], BLOCKS[3])))


def test_a_record_that_is_damaged_ends_it(path, read, append):
    append(*BLOCKS[:2])
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    assert len(read()) == 1


def test_a_new_beginning_forgets_it(path, read, append):
    append(*BLOCKS)
    Journal(path).drop()
    assert read() == []
