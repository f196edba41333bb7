import os
import subprocess
import sys
from pathlib import Path

import pytest

from anomaly.cli import main
from anomaly.errors import OutputError, StateError, UsageError

ROOT = Path(__file__).parents[2]
COMMANDS = ["run", "check", "explain", "backtest", "grade"]


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_has_examples_that_are_understood(self, command, capsys):
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help"])
        _, _, examples = capsys.readouterr().out.partition("examples:\n")
        lines = [line for line in examples.splitlines() if "python -m anomaly" in line]
        assert stopped.value.code == 0
        assert len(lines) >= 2
        assert all(f"python -m anomaly {command} " in line for line in lines)

    def test_the_overview_names_all_commands_and_exit_codes(self, capsys):
        with pytest.raises(SystemExit):
            main(["--help"])
        out = capsys.readouterr().out
        assert all(f"\n    {command} " in out for command in COMMANDS)
        assert "3  check found anomalies; grade or backtest missed a requirement" in out

    def test_without_a_command_it_is_wrong_usage(self, capsys):
        with pytest.raises(SystemExit) as stopped:
            main([])
        assert stopped.value.code == 2
        assert "COMMAND" in capsys.readouterr().err


class TestExitCodes:
    @pytest.mark.parametrize(
        "error,code",
        [
            (UsageError("which series?"), 2),
            (StateError("somebody else is at work"), 1),
            (OutputError("no space"), 1),
        ],
    )
    def test_an_error_is_one_line_and_a_code(self, error, code, monkeypatch, capsys):
        def failing(_):
            raise error

        monkeypatch.setattr("anomaly.cli.check.run", failing)
        assert main(["check", "up"]) == code
        assert capsys.readouterr().err == f"ERROR {error}\n"

    def test_an_interrupt_is_no_traceback(self, monkeypatch, capsys):
        def interrupted(_):
            raise KeyboardInterrupt

        monkeypatch.setattr("anomaly.cli.check.run", interrupted)
        assert main(["check", "up"]) == 130
        assert capsys.readouterr().err == ""

    def test_a_reader_who_has_enough_makes_no_noise(self, tmp_path):
        (tmp_path / "a.csv").write_text("timestamp,a\n0,1\n60,2\n")
        command = f"{sys.executable} -m anomaly backtest {tmp_path}/a.csv | true"
        done = subprocess.run(
            ["bash", "-c", command],
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
