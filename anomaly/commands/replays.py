"""What `backtest` and `grade` have in common: all history, judged at one or more thresholds."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from anomaly.commands.arguments import Options, matching
from anomaly.commands.source import histories
from anomaly.errors import DataError
from anomaly.grading.assessment import Assessment, Assessor
from anomaly.grading.windows import FaultGrade, FaultWindow
from anomaly.plotting.gallery import Gallery
from anomaly.replaying import replay
from anomaly.settings import Settings
from anomaly.spans import step_seconds

PROGRESS_SECONDS = 5.0
"""Who waits is told so often how far it is."""

log = logging.getLogger("anomaly")


@dataclass(frozen=True)
class Replays:
    """What came of all of them."""

    assessments: tuple[Assessment, ...]
    """One for each threshold."""

    gallery: Gallery
    """What is worth drawing."""

    start: float
    """Epoch seconds of the first point that counts."""

    end: float
    """Epoch seconds of the last."""


def replay_all(
    options: Options,
    settings: Settings,
    thresholds: Sequence[float],
    faults: Sequence[FaultWindow] = (),
) -> Replays:
    """Replay whatever the arguments name.

    Raises:
        AnomalyError: it cannot be read, or there is nothing.
    """
    assessors = [Assessor(threshold, faults) for threshold in thresholds]
    gallery, limits, told = Gallery(faults), [], time.monotonic()
    for history in histories(options, settings, faults):
        replayed = replay(history, settings)
        fair = matching(options, step_seconds(history.timestamps))
        for assessor in assessors:
            for series in history.alerted(replayed.alerting(assessor.threshold)):
                assessor.add(series, fair)
        for row, incidents in enumerate(history.incidents):
            gallery.offer(replayed.verdicts(row), incidents, history.labels[row])
        counted = history.timestamps[history.graded]
        limits += [float(each) for each in (*counted[:1], *counted[-1:])]
        if time.monotonic() - told >= PROGRESS_SECONDS:
            told = time.monotonic()
            log.info("replayed %d series so far", gallery.seen)
    assessments = tuple(each.result() for each in assessors)
    _warn_of_unseen(assessments[0].faults)
    if not limits:
        raise DataError("there is no history to replay")
    return Replays(
        assessments=assessments,
        gallery=gallery,
        start=min(limits),
        end=max(limits),
    )


def _warn_of_unseen(faults: FaultGrade | None) -> None:
    """Name the faults that nobody could have seen; their labels may be mistaken."""
    names = [each.fault.name for each in faults.sightings if not each.series] if faults else []
    if names:
        log.warning(
            "no series with values was hit by %s; compare the faults' labels with the series'",
            ", ".join(names),
        )
