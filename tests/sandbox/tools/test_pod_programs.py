"""The sandbox's own small programs do what those of upstream do that they stand for."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from sandbox.console import MESSAGES
from sandbox.toolchain import Toolchain
from sandbox.toolchain.cluster import MEM_STRESS, NSEXEC, PAUSE, PAUSED

SECONDS = 10


@pytest.fixture(scope="module")
def programs():
    """Built, which takes seconds."""
    return Toolchain.ensure(MESSAGES, (MEM_STRESS, NSEXEC, PAUSE, PAUSED)).programs


def wait_until(condition):
    """Ask again and again, for some seconds."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "never happened"
        time.sleep(0.02)


def state(process, key):
    """A line of what the kernel says of a process."""
    text = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    return next(line.split(":", 1)[1] for line in text.splitlines() if line.startswith(key))


@pytest.fixture
def started():
    """Start a process that ends with the test at the latest."""
    processes = []

    def start(*command, **options):
        processes.append(subprocess.Popen(command, **options))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


class TestNsexec:
    """As root, as Chaos Mesh's daemon runs it."""

    @pytest.fixture
    def pod(self, started, tmp_path):
        """A process in namespaces of its own, where a folder shows what is not seen outside."""
        if os.geteuid() != 0:
            pytest.skip("entering namespaces takes root")
        inside = f"mount -t tmpfs none {tmp_path} && touch {tmp_path}/mark && exec sleep 60"
        process = started("unshare", "-m", "-n", "-p", "--fork", "--mount-proc", "sh", "-c", inside)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        wait_until(lambda: children.read_text().strip())
        namespaces = Path(f"/proc/{children.read_text().strip()}/ns")
        wait_until(lambda: (namespaces.parent / "comm").read_text() == "sleep\n")
        return namespaces

    @pytest.mark.parametrize("local", [(), ("-l",)])
    def test_a_program_runs_in_the_namespaces(self, programs, pod, tmp_path, local):
        """Its own file, or that of the caller; and its exit code comes through."""
        entered = ("-m", pod / "mnt", "-n", pod / "net", "-p", pod / "pid")
        script = f"ls {tmp_path}; ls /sys/class/net | wc -w >/dev/null; echo $$; exit 4"
        answer = subprocess.run(
            [programs["nsexec"], *local, *entered, "--", "sh", "-c", script],
            capture_output=True,
            text=True,
            check=False,
        )
        mark, pid = answer.stdout.split()
        assert mark == "mark"
        assert int(pid) < 100
        assert answer.returncode == 4

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
    def test_the_program_ends_with_it(self, programs, pod, started, number, tmp_path):
        """Asked to, or because it is gone."""
        pipe, writing = os.pipe()
        nsexec = started(
            programs["nsexec"], "-p", pod / "pid", "--", "sleep", "60", pass_fds=(writing,)
        )
        os.close(writing)
        children = Path(f"/proc/{nsexec.pid}/task/{nsexec.pid}/children")
        wait_until(lambda: children.read_text().strip())
        nsexec.send_signal(number)
        assert nsexec.wait(SECONDS) == (-9 if number == signal.SIGKILL else 128 + number)
        assert os.read(pipe, 1) == b""  # nobody holds the other end any more
        os.close(pipe)

    @pytest.mark.parametrize(
        "arguments, code", [((), 2), (("-x",), 2), (("--", "no-such-thing"), 127)]
    )
    def test_wrong_usage_is_an_exit_code(self, programs, arguments, code):
        """That of a shell."""
        answer = subprocess.run([programs["nsexec"], *arguments], capture_output=True, check=False)
        assert answer.returncode == code


def test_paused_waits_to_be_resumed(programs, started, tmp_path):
    """Under the name that the daemon looks for, then it is the program."""
    pause = tmp_path / "pause"
    pause.symlink_to(programs["paused"])
    process = started(pause, "sh", "-c", "exec sleep 60")
    wait_until(lambda: state(process, "Name").strip() == "pause")
    wait_until(lambda: int(state(process, "SigCgt"), 16) >> (signal.SIGCONT - 1) & 1)
    process.send_signal(signal.SIGCONT)
    wait_until(lambda: state(process, "Name").strip() == "sleep")


def test_mem_stress_holds_what_it_is_told(programs, started):
    """In each of its workers."""
    process = started(programs["memStress"], "--size", "20MB", "--workers", "2")
    wait_until(lambda: int(state(process, "VmRSS").split()[0]) > 40 * 1024)
    process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0


def test_pause_reaps_and_ends_when_asked(programs, started):
    """As the first process of a pod."""
    process = started(programs["pause"])
    wait_until(lambda: int(state(process, "SigCgt"), 16) >> (signal.SIGTERM - 1) & 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0
