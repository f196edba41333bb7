"""Locks hold between processes and are freed however their holder ends."""

import os
import subprocess
import sys

import pytest

from sandbox.locking import exclusive

HOLDER = """
import sys
from pathlib import Path
from sandbox.locking import exclusive
with exclusive(Path(sys.argv[1]), on_wait=print):
    print("held", flush=True)
    input()
"""


class GiveUpError(Exception):
    """Raised by a waiting test that has seen enough."""


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "folder" / "lock"


@pytest.fixture
def holder(lock):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, lock],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def give_up(holder):
    raise GiveUpError(holder)


def test_a_free_lock_is_taken_without_waiting(lock):
    with exclusive(lock, on_wait=give_up):
        assert lock.read_text() == str(os.getpid())


def test_one_who_waits_is_told_for_whom_and_may_give_up(lock, holder):
    with pytest.raises(GiveUpError, match=str(holder.pid)), exclusive(lock, on_wait=give_up):
        pass


def test_a_killed_holder_frees_it(lock, holder):
    holder.kill()
    holder.wait()
    with exclusive(lock, on_wait=give_up):
        pass
