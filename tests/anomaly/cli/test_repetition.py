import signal

import pytest

from anomaly.cli.run import repeat
from anomaly.errors import StateError


@pytest.fixture
def repeated():
    """Repeat an action that asks for the end at its third time; the moments at which it acted."""

    def run(action=lambda: None):
        acted = []

        def act():
            acted.append(len(acted))
            if len(acted) == 3:
                signal.raise_signal(signal.SIGTERM)
            action()

        repeat(act, every_seconds=0.001)
        return acted

    return run


def test_it_goes_on_until_the_process_is_asked_to_end(repeated):
    assert repeated() == [0, 1, 2]


def test_what_is_under_way_is_finished(repeated):
    finished = []
    repeated(lambda: finished.append(True))
    assert len(finished) == 3


def test_what_goes_wrong_is_told_and_does_not_end_it(repeated, caplog):
    def fail():
        raise StateError("somebody else is at work")

    assert repeated(fail) == [0, 1, 2]
    assert [record.message for record in caplog.records] == ["somebody else is at work"] * 3


def test_a_mistake_in_the_program_ends_it(repeated):
    def fail():
        raise KeyError

    with pytest.raises(KeyError):
        repeated(fail)


def test_afterwards_the_process_can_be_ended_as_before(repeated):
    before = signal.getsignal(signal.SIGTERM)
    repeated()
    assert signal.getsignal(signal.SIGTERM) is before
