"""Running modules in another environment."""

import sys
from pathlib import Path

import pytest

from bench.peers.python import RunError, run_module

PYTHON = Path(sys.executable)


def test_the_output_is_returned():
    assert "usage" in run_module(PYTHON, "json.tool", ["--help"], seconds=60)


def test_a_failure_ends_with_the_last_line_of_what_it_said():
    with pytest.raises(RunError, match=r"failed: .*No module named bench\.nothing"):
        run_module(PYTHON, "bench.nothing", [], seconds=60)


def test_what_takes_too_long_is_ended():
    with pytest.raises(RunError, match="took more than 0 s"):
        run_module(PYTHON, "timeit", ["__import__('time').sleep(60)"], seconds=0.1)


def test_a_missing_environment_is_named(tmp_path):
    with pytest.raises(RunError, match=f"{tmp_path}/python cannot be run: No such file"):
        run_module(tmp_path / "python", "json.tool", [], seconds=1)
