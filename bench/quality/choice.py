"""Which of some settings to ship, judged by sets of series that had no say in it.

For every set the others choose, and the set itself only says what that choice is worth there. What
wins because one set likes it is not chosen by the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

Table = Mapping[str, Mapping[str, float]]
"""By candidate and set: a figure of which more is better."""


@dataclass(frozen=True)
class LeftOut:
    """One set, and what the others chose for it."""

    name: str
    """Of the set."""

    chosen: str
    """The candidate with the best mean on all other sets; of equals the first."""

    figure: float
    """What that candidate gets on the set."""

    shipped: float
    """What the first candidate gets there, which is the one that is shipped."""


def left_out(table: Table) -> tuple[LeftOut, ...]:
    """Leave every set out once.

    Args:
        table: the shipped candidate first; the same sets, two at least, for each.
    """
    shipped = next(iter(table.values()))
    return tuple(_left_out(table, name, shipped[name]) for name in shipped)


def _left_out(table: Table, name: str, shipped: float) -> LeftOut:
    others = {
        candidate: fmean(figure for each, figure in figures.items() if each != name)
        for candidate, figures in table.items()
    }
    chosen = max(others, key=lambda candidate: others[candidate])
    return LeftOut(name, chosen, table[chosen][name], shipped)
