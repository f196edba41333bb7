"""How a sandbox is shown to people."""

from collections.abc import Mapping
from typing import Any

import yaml
from rich.markup import escape
from rich.table import Table

from sandbox.node.preflight import FEATURES, Preflight
from sandbox.supervision.service import GroupState, Phase

_COLOURS = {
    Phase.READY: "green",
    Phase.STARTING: "yellow",
    Phase.WAITING: "dim",
    Phase.CRASHED: "red",
    Phase.FAILED: "bold red",
}


def process_table(state: GroupState) -> Table:
    """One row per process."""
    table = _table("PROCESS", "STATE", "PID", "RESTARTS", "ENDPOINT")
    for service in state.services:
        colour = _COLOURS[service.phase]
        table.add_row(
            service.name,
            f"[{colour}]{service.phase}[/]",
            str(service.process.pid) if service.process else "-",
            str(service.exits),
            service.endpoint,
        )
    return table


def check_table(preflight: Preflight) -> Table:
    """One row per thing this machine has or lacks."""
    table = _table("CHECK", "RESULT", "FOUND", "NEEDED FOR", "WHAT TO DO")
    for check in preflight.checks:
        result = "[green]ok[/]" if check.passed else "[red]missing[/]"
        remedy = escape(check.remedy or "")
        table.add_row(check.name, result, escape(check.found), check.needed_for, remedy)
    return table


def feature_table(preflight: Preflight) -> Table:
    """One row per thing that may run here."""
    table = _table("FEATURE", "RUNS", "OTHERWISE")
    for name, otherwise in FEATURES.items():
        runs = preflight.reason(name) is None
        table.add_row(name, "[green]yes[/]" if runs else "[yellow]no[/]", "" if runs else otherwise)
    return table


def area_table(objects: Mapping[str, int]) -> Table:
    """One row per area of the stack."""
    table = _table("AREA", "OBJECTS")
    for area, count in objects.items():
        table.add_row(escape(area), str(count))
    table.add_row("all", str(sum(objects.values())))
    return table


def output_table(outputs: Mapping[str, Any]) -> Table:
    """One row per output of the stack; structured values as YAML."""
    table = _table("OUTPUT", "VALUE")
    table.columns[1].no_wrap = False
    for name, value in sorted(outputs.items()):
        text = value if isinstance(value, str) else yaml.safe_dump(value, default_flow_style=None)
        table.add_row(escape(name), escape(text.rstrip()))
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table
