import errno
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomaly.config.detector import DetectorConfig
from anomaly.detector import Detector
from anomaly.errors import StateBusy, StateError
from anomaly.incidents.fdr import Memory
from anomaly.incidents.ledger import Ledger, Told
from anomaly.incidents.track import Chronicle, Incident, Peak
from anomaly.labels import Shard
from anomaly.pipeline.judge import Chunk, Header
from anomaly.pipeline.presence import Presence
from anomaly.state import files, opened
from tests.anomaly.incidents.alerts import alert

DETECTOR = Detector(DetectorConfig(method="zscore"))
INCIDENT = Incident(
    since=300.0,
    last=600.0,
    points=2,
    peak=Peak(9.0, 1.0, 0.0, float("inf"), 3.0, "above", ("level",)),
    before=1,
    newest=(300.0, 600.0),
    probability=float("inf"),
    persistent=600.0,
)


def chunk(series=3, length=50):
    keys = [(("service", f"s{row}"),) for row in range(series)]
    new = Chunk.new(keys, DETECTOR.stream(series))
    new.stream.feed(np.arange(length) * 300.0, np.random.default_rng(1).random((series, length)))
    new.incidents = Chronicle({1: INCIDENT}, {1: (0.0, 300.0)})
    return new


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path, Shard()) as store:
        yield store


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "0-of-1" / "traffic.npz"


def save(store, until=1e6, fingerprint="f"):
    """Write a signal of one chunk, and say what went wrong."""
    one = chunk()
    with store.writing("traffic") as draft:
        draft.add(one)
        chronicles = ((one.incidents, one.absences),)
        header = Header(fingerprint, until, (one.keys,), chronicles, Chronicle(), begun=until)
        draft.finish(header, Presence.unknown(1))
    return draft.error


def load(store, fingerprint="f"):
    """Header and first chunk of the signal; None where there is none."""
    with store.reading("traffic", fingerprint) as remembered:
        return remembered and (remembered.header, remembered.chunk(0, DETECTOR.resume))


def keep(store, **keys):
    error = save(store, **keys)
    store.commit()
    return error


class TestSignal:
    def test_comes_back_as_it_was(self, store):
        keep(store)
        before, (header, after) = chunk(), load(store)
        assert header.until == 1e6
        assert (after.keys, after.incidents) == (before.keys, before.incidents)
        following = np.arange(50, 60) * 300.0, np.full((3, 10), 0.5)
        one, other = before.stream.feed(*following), after.stream.feed(*following)
        assert np.array_equal(one.score, other.score)

    def test_that_was_never_saved_is_unknown(self, store):
        assert load(store) is None

    def test_does_not_count_before_the_commit(self, store):
        save(store)
        assert load(store) is None

    def test_that_was_not_finished_does_not_count_at_all(self, store, file):
        with store.writing("traffic") as draft:
            draft.add(chunk())
        store.commit()
        assert load(store) is None
        assert [path.name for path in file.parent.iterdir()] == ["lock"]

    def test_of_another_configuration_is_refused(self, store):
        keep(store)
        with pytest.raises(StateError, match="of another version or configuration"):
            load(store, "other")

    def test_of_another_version_is_refused(self, store, monkeypatch):
        keep(store)
        monkeypatch.setattr(files, "VERSION", 99)
        with pytest.raises(StateError, match="of another version"):
            load(store)

    def test_nothing_in_it_can_run_code(self, store, file):
        np.savez(file, header=np.array([object()], dtype=object))
        with pytest.raises(StateError, match="is damaged"):
            load(store)

    @settings(max_examples=60)
    @given(data=st.data())
    def test_that_is_damaged_is_refused_or_whole(self, data, tmp_path_factory):
        folder = tmp_path_factory.mktemp("state")
        with opened(folder, Shard()) as store:
            keep(store)
            path = folder / "0-of-1" / "traffic.npz"
            content = bytearray(path.read_bytes())
            if data.draw(st.booleans()):
                del content[data.draw(st.integers(0, len(content) - 1)) :]
            else:
                place = data.draw(st.integers(0, len(content) - 1))
                content[place] ^= data.draw(st.integers(1, 255))
            path.write_bytes(content)
            with suppress(StateError):
                _, after = load(store)
                assert after.keys == chunk().keys


class TestDisk:
    def test_a_full_one_leaves_what_was_there(self, store, file, monkeypatch):
        keep(store)
        before = file.read_bytes()

        def full(_):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(files.os, "fsync", full)
        error = keep(store, until=2e6)
        assert error.endswith("traffic.npz: No space left on device")
        assert file.read_bytes() == before
        assert [path.name for path in file.parent.iterdir() if "next" in path.name] == []

    def test_what_a_killed_run_has_left_is_swept(self, tmp_path, file):
        with opened(tmp_path, Shard()) as store:
            keep(store)
            save(store, until=2e6)
        with opened(tmp_path, Shard()) as store:
            assert sorted(path.name for path in file.parent.iterdir()) == ["lock", "traffic.npz"]
            assert load(store)[0].until == 1e6

    def test_a_folder_that_cannot_be_is_told(self, tmp_path):
        (tmp_path / "file").touch()
        with (
            pytest.raises(StateError, match=r"cannot use .*file/0-of-1: Not a directory"),
            opened(tmp_path / "file", Shard()),
        ):
            pass


class TestFolder:
    def test_is_one_runs_at_a_time(self, store, tmp_path):
        busy = pytest.raises(StateBusy, match="another run is at work")
        with busy, opened(tmp_path, Shard()):
            pass

    def test_is_free_after_the_run(self, tmp_path):
        for _ in range(2):
            with opened(tmp_path, Shard()):
                pass

    def test_is_another_for_every_shard(self, tmp_path):
        with (
            opened(tmp_path, Shard(index=0, count=2)) as first,
            opened(tmp_path, Shard(index=1, count=2)) as second,
        ):
            keep(first)
            assert load(second) is None

    def test_none_remembers_nothing(self):
        with opened(None, Shard()) as store:
            keep(store)
            store.save_ledger(Ledger())
            assert load(store) is None
            assert not store.load_ledger().remembers


class TestLedger:
    def test_comes_back_as_it_was(self, store):
        gone = alert(direction="absent", value=float("nan"), lower=float("-inf"))
        ledger = Ledger(
            alerts={"k": gone},
            until={"traffic": 9.0},
            memory=Memory(9.0, 0.1, 0.5),
            told=Told().after("slack", [gone], 9.0),
            last_success=8.0,
        )
        store.save_ledger(ledger)
        after = store.load_ledger()
        assert (after.until, after.memory, after.told) == (ledger.until, ledger.memory, ledger.told)
        assert repr(after.alerts["k"]) == repr(gone)
        assert after.remembers

    def test_that_never_was_knows_so(self, store):
        assert not store.load_ledger().remembers

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"[{}, 5", b'[{"alerts": 5}]'])
    def test_that_is_damaged_is_refused(self, store, file, content):
        (file.parent / "ledger.json").write_bytes(content)
        with pytest.raises(StateError, match=r"ledger\.json cannot be used"):
            store.load_ledger()

    def test_urgency_only_rises(self):
        ledger = Ledger().seen([alert(severity="critical")], 0).seen([alert(severity="info")], 1)
        assert ledger.alerts["k"].severity == "critical"

    def test_what_was_over_is_forgotten_a_while_after_it_was_seen(self):
        over = alert(state="resolved", until=5.0)
        ledger = Ledger().seen([over, alert(key="open")], 100.0).seen([over], 200.0)
        assert set(ledger.since(100.0).alerts) == {"k", "open"}
        assert set(ledger.since(101.0).alerts) == {"open"}
        assert not ledger.since(101.0).over
