"""The command line: exit codes and messages for people."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.cli import main
from sandbox.errors import RegistryError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def empty(tmp_path):
    return ["--folder", str(tmp_path / "run")]


@pytest.mark.parametrize("command", [["status"], ["env"], ["kubectl", "get", "ns"], ["preview"]])
def test_a_sandbox_that_is_not_up_is_unhealthy(empty, command, capsys):
    assert main([*empty, *command]) == 3
    assert "make up" in capsys.readouterr().err


def test_logs_of_an_unknown_process_are_wrong_usage(empty, capsys):
    assert main([*empty, "logs", "nobody"]) == 2
    assert "there is no log 'nobody'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["fly"], ["status", "-o", "xml"]])
def test_wrong_arguments_are_wrong_usage(arguments, capsys):
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2


def test_taking_down_nothing_succeeds(empty):
    assert main([*empty, "down"]) == 0


@pytest.mark.parametrize(
    "problem, message",
    [
        (RegistryError("the proxy is away"), "error: the proxy is away"),
        (OSError(errno.ENOSPC, "No space left on device"), "error: no space left on the disk"),
        (
            OSError(errno.EISDIR, "Is a directory", "run/state.json"),
            "error: run/state.json: Is a directory; something else belongs there. Move it away",
        ),
        (
            OSError(errno.EROFS, "Read-only file system", "/home/me/.cache/brisa-platform"),
            "error: /home/me/.cache/brisa-platform: Read-only file system",
        ),
    ],
)
def test_problems_are_one_message_without_a_traceback(empty, monkeypatch, capsys, problem, message):
    def fail(*_arguments):
        raise problem

    monkeypatch.setattr("sandbox.toolchain.Toolchain.ensure", fail)
    assert main([*empty, "up"]) == 1
    assert message in capsys.readouterr().err.splitlines()[-1]


def test_a_missing_package_is_named_with_the_way_to_get_it(tmp_path):
    (tmp_path / "rich.py").write_text("raise ModuleNotFoundError(name='rich')")
    answer = subprocess.run(
        [sys.executable, "-m", "sandbox", "status"],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert "lacks the package 'rich'" in answer.stderr
    assert "Traceback" not in answer.stderr
