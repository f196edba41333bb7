"""Cgroups of the kernel itself: made, entered, emptied and removed, with either version."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.node.cgroups import Cgroups
from sandbox.node.preflight import NODE

_ENTERING = """
import sys, time
from pathlib import Path
from sandbox.node.cgroups import Cgroups
Cgroups.of_this_machine(Path(sys.argv[1])).enter(sys.argv[2])
print("entered", flush=True)
time.sleep(600)
"""
_MOUNTED = Path("/sys/fs/cgroup")
_VERSION_2 = [p for p in (_MOUNTED, _MOUNTED / "unified") if (p / "cgroup.controllers").exists()]


@pytest.fixture(params=sorted({_MOUNTED, *_VERSION_2}), ids=str)
def mounted(request, preflight):
    """Where hierarchies are mounted: on a hybrid machine there is one of each version."""
    if reason := preflight.reason(NODE):
        pytest.skip(reason)
    return request.param


def test_whoever_entered_is_ended_and_nothing_is_left(mounted):
    """So do processes of a node that was killed."""
    cgroups = Cgroups.of_this_machine(mounted)
    name = f"brisa-node-test-{os.getpid()}"
    cgroups.create(name)
    command = [sys.executable, "-c", _ENTERING, str(mounted), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "entered\n"
        assert cgroups.processes(name) == {process.pid}
        assert cgroups.remove(name, seconds=10)
        assert process.wait(10) == -signal.SIGKILL
    assert not any(folder.exists() for folder in cgroups.folders(name))
    assert cgroups.processes(name) == set()
