"""What people are shown."""

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from sandbox.commands import crashes
from sandbox.commands.crashes import report_crashes
from sandbox.commands.inspect import is_healthy
from sandbox.commands.tables import area_table, output_table, process_table
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.service import Exit, GroupState, Phase, ServiceState

PROCESS = ProcessIdentity(pid=42, start_ticks=1, boot_id="boot")
KILLED = Exit(
    at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), reason="killed by SIGKILL", log_tail="[x] y"
)


def group(*phases):
    services = [ServiceState(name=f"s{n}", phase=phase) for n, phase in enumerate(phases)]
    return GroupState(supervisor=PROCESS, services=services)


def render(table):
    console = Console(file=io.StringIO(), width=160)
    console.print(table)
    return console.file.getvalue()


def test_a_process_has_a_row_with_its_state_and_endpoint():
    state = group(Phase.READY)
    state.services[0].process = PROCESS
    state.services[0].endpoint = "https://127.0.0.1:1"
    state.services[0].exits = 2
    row = render(process_table(state)).splitlines()[1].split()
    assert row == ["s0", "ready", "42", "2", "https://127.0.0.1:1"]


def test_areas_are_summed_up():
    lines = render(area_table({"gitops": 2, "mesh": 3})).splitlines()
    assert [line.split() for line in lines[1:]] == [["gitops", "2"], ["mesh", "3"], ["all", "5"]]


def test_outputs_are_shown_as_they_are():
    lines = render(output_table({"b": {"x": "y", "z": [1, 2]}, "a": "[bold]"})).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["a", "[bold]"],
        ["b", "x:", "y"],
        ["z:", "[1,", "2]"],
    ]


@pytest.mark.parametrize(
    "phases, healthy",
    [
        ((Phase.READY, Phase.READY), True),
        ((Phase.READY, Phase.WAITING), True),
        ((Phase.READY, Phase.STARTING), False),
        ((Phase.CRASHED, Phase.READY), False),
        ((Phase.READY, Phase.FAILED), False),
    ],
)
def test_a_sandbox_is_healthy_when_all_that_should_run_does(phases, healthy):
    assert is_healthy(group(*phases)) is healthy


@pytest.mark.parametrize(
    "phase, what_now",
    [
        (Phase.READY, "was started again"),
        (Phase.CRASHED, "about to be started again"),
        (Phase.FAILED, "given up; the next `make up`"),
    ],
)
def test_a_crash_is_reported_with_the_end_of_the_log(monkeypatch, phase, what_now):
    console = Console(file=io.StringIO(), width=160)
    monkeypatch.setattr(crashes, "MESSAGES", console)
    report_crashes(
        [ServiceState(name="api", phase=phase, last_exit=KILLED), ServiceState(name="b")]
    )
    text = console.file.getvalue()
    assert text.startswith("warning: api ended by itself at 03:04:05 UTC (killed by SIGKILL)")
    assert what_now in text
    assert text.endswith("It had written:\n[x] y\n")
