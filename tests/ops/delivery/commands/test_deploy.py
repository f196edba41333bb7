"""`deploy` gives the engine what nobody should have to remember."""

import pytest

from ops.cli import main
from policy.stack import FOLDER


@pytest.fixture
def engine(monkeypatch, tmp_path):
    """A `pulumi` that writes down how it was called, and ends as told."""

    def install(code=0):
        calls, program = tmp_path / "calls", tmp_path / "pulumi"
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {calls}\nexit {code}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        return lambda: calls.read_text().split()

    return install


def test_takes_the_policies_of_the_stack_along(engine):
    called = engine()
    assert main(["deploy", "--stack", "prod", "--refresh", "--yes"]) == 0
    policies = ["--policy-pack", str(FOLDER), "--policy-pack-config", str(FOLDER / "prod.json")]
    assert called() == [
        "up", "--stack", "prod", "--refresh", "--yes", "--non-interactive", *policies,
    ]  # fmt: skip


def test_takes_the_policies_as_they_come_where_the_stack_has_none(engine):
    called = engine()
    assert main(["deploy", "--stack", "moon", "--yes"]) == 0
    assert called()[-2:] == ["--policy-pack", str(FOLDER)]


def test_asks_before_it_changes_anything(engine, capsys):
    engine()
    assert main(["deploy", "--stack", "prod"]) == 2
    assert "give --yes" in capsys.readouterr().err


def test_fails_when_the_engine_does(engine, capsys):
    engine(code=255)
    assert main(["deploy", "--stack", "prod", "--yes"]) == 1
    assert "pulumi up of prod failed" in capsys.readouterr().err
