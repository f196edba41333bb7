"""A process id alone is not enough."""

import os
import signal
import subprocess
import sys

import pytest

from sandbox.supervision.identity import ProcessIdentity


@pytest.fixture
def process():
    with subprocess.Popen([sys.executable, "-S", "-c", "input()"], stdin=subprocess.PIPE) as child:
        yield child
        child.kill()


def test_a_running_process_is_alive(process):
    assert ProcessIdentity.of(process.pid).alive


def test_a_zombie_is_not(process):
    identity = ProcessIdentity.of(process.pid)
    process.kill()
    assert identity.wait(seconds=10)
    assert process.returncode is None


def test_there_is_no_identity_of_nobody(process):
    process.kill()
    process.wait()
    with pytest.raises(ProcessLookupError):
        ProcessIdentity.of(process.pid)


@pytest.mark.parametrize("changed", [{"start_ticks": 1}, {"boot_id": "another boot"}])
def test_somebody_else_with_the_same_id_is_never_signalled(process, changed):
    stranger = ProcessIdentity.of(process.pid).model_copy(update=changed)
    assert not stranger.alive
    stranger.stop(grace_seconds=0)
    assert process.poll() is None


def test_a_process_that_ignores_term_is_killed():
    script = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(); input()"
    with subprocess.Popen(
        [sys.executable, "-S", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        child.stdout.readline()
        ProcessIdentity.of(child.pid).stop(grace_seconds=0.1)
        assert child.wait() == -signal.SIGKILL


def test_this_process_is_alive():
    assert ProcessIdentity.of(os.getpid()).alive
