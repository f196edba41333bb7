"""What a grade must reach, so that a gate can open or stay closed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from anomaly.offline.tally import Tally


@dataclass(frozen=True)
class Figure:
    """A figure that can be asked for."""

    of: Callable[[Tally], float]
    """What it is."""

    at_least: bool
    """Whether it must reach the limit, or must not exceed it."""

    meaning: str
    """In words."""


FIGURES = {
    "min-precision": Figure(
        lambda of: of.precision, True, "share of alerts that found an incident"
    ),
    "min-recall": Figure(lambda of: of.recall, True, "share of incidents that were found"),
    "min-f1": Figure(lambda of: of.f1, True, "harmonic mean of both"),
    "max-false-alarms": Figure(
        lambda of: of.false_alarms_per_week, False, "false alarms in each week of a series"
    ),
    "max-delay": Figure(
        lambda of: of.delay_median, False, "median time to the first alert, in seconds"
    ),
    "max-alerts-per-incident": Figure(
        lambda of: of.alerts_per_incident, False, "alerts that one incident makes"
    ),
}
"""What can be asked for, by the name of its flag."""


@dataclass(frozen=True)
class Requirement:
    """One figure and its limit."""

    name: str
    """Key of `FIGURES`."""

    limit: float
    """The worst that is good enough."""


@dataclass(frozen=True)
class Verdict:
    """What became of a requirement."""

    requirement: Requirement
    """What was asked for."""

    value: float
    """What it is; NaN where nobody can know."""

    met: bool
    """Whether it is good enough; what nobody knows is not."""


def verdicts(of: Tally, requirements: Iterable[Requirement]) -> tuple[Verdict, ...]:
    """Hold a tally against what it must reach."""
    return tuple(_verdict(of, requirement) for requirement in requirements)


def _verdict(of: Tally, requirement: Requirement) -> Verdict:
    figure = FIGURES[requirement.name]
    value = figure.of(of)
    met = value >= requirement.limit if figure.at_least else value <= requirement.limit
    return Verdict(requirement, value, met)
