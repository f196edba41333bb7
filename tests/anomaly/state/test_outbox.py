import numpy as np
import pytest

from anomaly.errors import Unreachable
from anomaly.sinks.remote_write import Written
from anomaly.sinks.series import STALE, MetricBlock
from anomaly.state.outbox import KEPT_SECONDS, Outbox

NOW = 1_700_000_000.0
LABELS = ({"service": "a"}, {"service": "b"})


def blocks(at):
    times = np.array([at - 300, at])
    values = np.array([[1.0, np.nan], [STALE, 2.0]])
    return [MetricBlock(metric, LABELS, times, values) for metric in ("anomaly_score", "yhat")]


class Receiver:
    def __init__(self):
        self.blocks = []
        self.error = None

    def send(self, several):
        several = list(several)
        if self.error:
            return Written(error=self.error, finished=False)
        self.blocks += several
        return Written(samples=sum(int(block.written().sum()) for block in several))

    @property
    def ticks(self):
        return [block.timestamps[-1] for block in self.blocks if block.metric == "yhat"]


@pytest.fixture
def receiver():
    return Receiver()


@pytest.fixture(params=["a folder", "nothing"])
def folder(request, tmp_path):
    return tmp_path if request.param == "a folder" else None


def filled(folder, tick):
    outbox = Outbox(folder)
    outbox.add(blocks(tick), tick)
    outbox.commit()
    return outbox


def test_what_is_added_is_written_as_it_was(folder, receiver):
    outbox = filled(folder, NOW)
    assert outbox.send(receiver, now=NOW).samples == 6
    outbox.close()
    first = receiver.blocks[0]
    assert (first.metric, first.labels) == ("anomaly_score", LABELS)
    assert first.written().tolist() == [[True, False], [True, True]]


def test_what_is_not_taken_waits_in_its_order(tmp_path, receiver):
    receiver.error = Unreachable("away")
    for number in range(3):
        outbox = filled(tmp_path, NOW + number * 600)
        assert not outbox.send(receiver, now=NOW + number * 600).finished
    receiver.error = None
    filled(tmp_path, NOW + 1800).send(receiver, now=NOW + 1800)
    assert receiver.ticks == [NOW, NOW + 600, NOW + 1200, NOW + 1800]
    assert list(tmp_path.iterdir()) == []


def test_what_was_not_committed_is_written_all_the_same(folder, receiver):
    outbox = Outbox(folder)
    outbox.add(blocks(NOW), NOW)
    outbox.send(receiver, now=NOW)
    outbox.close()
    assert receiver.ticks == [NOW]


def test_what_is_too_old_is_given_up(tmp_path, receiver):
    filled(tmp_path, NOW)
    Outbox(tmp_path).send(receiver, now=NOW + KEPT_SECONDS + 1)
    assert (receiver.blocks, list(tmp_path.iterdir())) == ([], [])


def test_the_oldest_is_given_up_where_it_is_too_much(tmp_path, receiver, monkeypatch):
    for number in range(3):
        filled(tmp_path, NOW + number)
    size = max(path.stat().st_size for path in tmp_path.iterdir())
    monkeypatch.setattr("anomaly.state.outbox.MOST_BYTES", 2 * size)
    Outbox(tmp_path).send(receiver, now=NOW)
    assert receiver.ticks == [NOW + 1, NOW + 2]


def test_a_file_that_breaks_off_costs_what_is_missing(tmp_path, receiver):
    filled(tmp_path, NOW)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes() + b"\x00\x01")
    assert Outbox(tmp_path).send(receiver, now=NOW).finished
    assert receiver.ticks == [NOW]


def test_a_disk_that_is_full_is_said(tmp_path, receiver):
    outbox = Outbox(tmp_path / "gone")
    outbox.add(blocks(NOW), NOW)
    outbox.commit()
    assert "scores cannot be kept" in outbox.error
    assert outbox.send(receiver, now=NOW).samples == 0
