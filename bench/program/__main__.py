"""`python -m bench.program`: the program beside a flat one, and its growth with the catalogue."""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from rich.console import Console
from rich.table import Table

from bench.program import catalogue, measure, projects
from bench.program.recording import record
from sandbox.engine.workspace import Toolchain as Tools
from sandbox.engine.workspace import Workspace
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import PULUMI

STACK = "prod"
BAR = 1.25
SIZES = (10, 100, 300, 1000)


def main() -> int:
    """Measure and print; the exit code says whether the program stays under the bar."""
    parser = argparse.ArgumentParser(prog="bench.program", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="pairs of previews (default 7)")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=SIZES, help="services in the growing catalogue"
    )
    options = parser.parse_args()
    console = Console()
    tools = Toolchain.ensure(Console(stderr=True), [PULUMI])
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        ratio = _overhead(console, tools, folder, options.rounds)
        if options.sizes:
            _growth(console, tools, folder, options.sizes)
    return 0 if ratio <= BAR else 1


def _overhead(console: Console, tools: Tools, folder: Path, rounds: int) -> float:
    pair = _Pair.prepare(tools, folder, projects.program(tools, folder / "program"))
    result = measure.compare(*pair.previews, rounds)
    ratio = measure.median(result.ratios)
    table = _table(
        f"pulumi preview of {STACK}: {pair.resources} resources, median of {rounds} pairs",
        ("", "program", "flat", "program / flat", "range", "bar"),
    )
    first, second = measure.median(result.first), measure.median(result.second)
    walls = [each.wall for each in result.ratios]
    cpus = [each.cpu for each in result.ratios]
    table.add_row(
        "clock",
        f"{first.wall:.2f} s",
        f"{second.wall:.2f} s",
        f"{ratio.wall:.3f}",
        f"{min(walls):.3f} - {max(walls):.3f}",
        f"{BAR:.2f}",
    )
    table.add_row(
        "processor",
        f"{first.cpu:.2f} s",
        f"{second.cpu:.2f} s",
        f"{ratio.cpu:.3f}",
        f"{min(cpus):.3f} - {max(cpus):.3f}",
    )
    console.print(table)
    return ratio.wall


def _growth(console: Console, tools: Tools, folder: Path, sizes: Sequence[int]) -> None:
    table = _table(
        "pulumi preview with a growing catalogue",
        ("services", "resources", "clock", "processor", "processor, per resource"),
    )
    for size in sizes:
        values = catalogue.stack_of(size)
        program = projects.program_with(tools, folder / f"{size}-services", STACK, values)
        program.ensure_stack(STACK)
        resources: list[object] = []
        cost = measure.cost(lambda: resources.extend(record(program, STACK)))  # noqa: B023
        table.add_row(
            str(size),
            str(len(resources)),
            f"{cost.wall:.1f} s",
            f"{cost.cpu:.1f} s",
            f"{cost.cpu / len(resources) * 1000:.1f} ms",
        )
    console.print(table)


@dataclass(frozen=True)
class _Pair:
    """A program, and the flat one that registers the same."""

    program: Workspace
    flat: Workspace
    resources: int

    @classmethod
    def prepare(cls, tools: Tools, folder: Path, program: Workspace) -> Self:
        program.ensure_stack(STACK)
        resources = record(program, STACK)
        flat = projects.flat(tools, folder / "flat", STACK, resources)
        flat.ensure_stack(STACK)
        return cls(program, flat, len(resources))

    @property
    def previews(self) -> tuple[Callable[[], object], Callable[[], object]]:
        """Preview the program, preview the flat one."""
        command = ["preview", "--stack", STACK]
        return lambda: self.program.capture(command), lambda: self.flat.capture(command)


def _table(title: str, headings: Sequence[str]) -> Table:
    table = Table(title=title)
    for heading in headings:
        table.add_column(heading, justify="right")
    return table


if __name__ == "__main__":
    raise SystemExit(main())
