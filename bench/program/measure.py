"""Timing previews, in pairs: whatever else the machine does, it does to both."""

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What one run took."""

    wall: float
    """Seconds on the clock."""
    cpu: float
    """Seconds of processor time, of all processes that took part."""

    def over(self, other: "Cost") -> "Cost":
        """Return this cost as a multiple of another."""
        return Cost(self.wall / other.wall, self.cpu / other.cpu)


@dataclass(frozen=True)
class Comparison:
    """Costs of two things that ran in turns."""

    first: tuple[Cost, ...]
    """One per round."""
    second: tuple[Cost, ...]
    """One per round."""

    @property
    def ratios(self) -> list[Cost]:
        """First divided by second, per round."""
        return [one.over(other) for one, other in zip(self.first, self.second, strict=True)]


def compare(first: Callable[[], object], second: Callable[[], object], rounds: int) -> Comparison:
    """Run both once to warm up, then in turns, so that neither always goes first."""
    for each in (first, second):
        each()
    costs: dict[int, list[Cost]] = {0: [], 1: []}
    for number in range(rounds):
        pair = [(0, first), (1, second)]
        for key, action in pair if number % 2 == 0 else reversed(pair):
            costs[key].append(cost(action))
    return Comparison(tuple(costs[0]), tuple(costs[1]))


def cost(action: Callable[[], object]) -> Cost:
    """Measure an action that does its work in child processes and waits for them."""
    start, used = time.perf_counter(), _children_cpu()
    action()
    return Cost(wall=time.perf_counter() - start, cpu=_children_cpu() - used)


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(
        statistics.median(each.wall for each in costs),
        statistics.median(each.cpu for each in costs),
    )


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
