"""What commands that replay have in common: what finds an incident, and all of the past judged."""

import argparse
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from anomaly.cli.arguments import Options, duration, fraction, picture
from anomaly.offline.assessment import Assessment, Assessor
from anomaly.offline.events import Matching
from anomaly.offline.past import Past
from anomaly.offline.plot import Timeline, draw
from anomaly.offline.requirements import FIGURES, Requirement
from anomaly.offline.spans import step_seconds
from anomaly.offline.sweep import Rung
from anomaly.offline.windows import FaultGrade, FaultWindow

MOST_DRAWN = 6
"""Series in one picture."""

PROGRESS_SECONDS = 5.0
"""Who waits is told so often how far it is."""

log = logging.getLogger("anomaly")


def add_plot(parser: argparse.ArgumentParser) -> None:
    """`--plot`."""
    parser.add_argument(
        "--plot", type=picture, metavar="FILE", help="draw series, band and alerts; .svg or .png"
    )


def add_matching(parser: argparse.ArgumentParser) -> None:
    """When an alert counts as having found an incident."""
    group = parser.add_argument_group("when an alert finds an incident")
    group.add_argument(
        "--gap",
        type=duration,
        metavar="SPAN",
        help="alerts of a series closer than this are one (default: five and a half steps of the "
        "series)",
    )
    group.add_argument(
        "--tolerance",
        type=duration,
        metavar="SPAN",
        help="it may begin so long after the incident is over (default: 3 steps)",
    )
    group.add_argument(
        "--early",
        type=duration,
        metavar="SPAN",
        help="it may begin so long before the incident (default: 3 steps; with --faults 0)",
    )


def matching(options: Options, step_seconds: float) -> Matching:
    """What the arguments say, or what is fair for that resolution."""
    usual = Matching.of_step(step_seconds)
    if options.faults:
        usual = replace(usual, early_seconds=0.0)  # when they began is known to the second
    given = {
        "gap_seconds": options.gap,
        "tolerance_seconds": options.tolerance,
        "early_seconds": options.early,
    }
    return replace(usual, **{name: span for name, span in given.items() if span is not None})


def add_requirements(parser: argparse.ArgumentParser) -> None:
    """What must be reached, or the exit code is 3."""
    group = parser.add_argument_group("requirements (exit code 3 when one is not met)")
    for name, figure in FIGURES.items():
        read = duration if name == "max-delay" else fraction
        kind = "SPAN" if name == "max-delay" else "NUMBER"
        group.add_argument(f"--{name}", type=read, metavar=kind, help=figure.meaning)


def requirements(options: Options) -> tuple[Requirement, ...]:
    """What was asked for."""
    asked = {name: getattr(options, name.replace("-", "_")) for name in FIGURES}
    return tuple(Requirement(name, limit) for name, limit in asked.items() if limit is not None)


@dataclass(frozen=True)
class Replays:
    """What came of it."""

    past: Past
    """What was replayed."""

    assessments: Sequence[Assessment]
    """One for each threshold."""

    faults: Sequence[FaultWindow]
    """What was made on purpose, if anything."""

    @property
    def configured(self) -> Assessment:
        """What came of the configured threshold."""
        own = self.past.threshold
        return next(each for each in self.assessments if each.threshold == own)

    @property
    def rungs(self) -> Sequence[Rung]:
        """What came of each threshold, from the lowest to the highest."""
        return [each.rung for each in self.assessments]

    def draw(self, path: Path) -> None:
        """Draw the series with the most alerts."""
        series, places = self.configured.series, range(len(self.past.names))
        restless = sorted(places, key=lambda place: -series[place][1].alerts)
        drawn = [self._timeline(place) for place in restless[:MOST_DRAWN]]
        draw(path, drawn, self.past.span[0])

    def _timeline(self, place: int) -> Timeline:
        labels = self.past.names[place].labels
        hit = [fault for fault in self.faults if fault.hits(labels)]
        return Timeline.of(self.past.verdicts(place), self.past.incidents(place), hit)


def replay_all(
    replayed: Past,
    options: Options,
    faults: Sequence[FaultWindow],
    thresholds: Sequence[float] = (),
) -> Replays:
    """Replay a past, at the configured threshold and at some others."""
    assessments, told = [], time.monotonic()
    tried = sorted({replayed.threshold, *thresholds})
    for place, threshold in enumerate(tried):
        if time.monotonic() - told >= PROGRESS_SECONDS:
            told = time.monotonic()
            log.info("replayed at %d of %d thresholds", place, len(tried))
        assessor = Assessor(threshold, faults)
        for series in replayed.alerted(None if threshold == replayed.threshold else threshold):
            assessor.add(series, matching(options, step_seconds(series.timestamps)))
        assessments.append(assessor.result())
    _warn_of_unseen(assessments[0].faults)
    return Replays(replayed, assessments, faults)


def _warn_of_unseen(faults: FaultGrade | None) -> None:
    """Name the faults that nobody could have seen; their labels may be mistaken."""
    names = [each.fault.name for each in faults.sightings if not each.series] if faults else []
    if names:
        log.warning(
            "no series with values was hit by %s; compare the faults' labels with the series'",
            ", ".join(names),
        )
