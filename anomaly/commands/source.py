"""Where the history comes from that a command replays."""

from collections.abc import Iterator, Sequence

from anomaly import history
from anomaly.commands.arguments import Options, refuse_both
from anomaly.grading.windows import FaultWindow
from anomaly.history import History
from anomaly.loading.files import read
from anomaly.settings import Settings


def histories(
    options: Options, settings: Settings, faults: Sequence[FaultWindow]
) -> Iterator[History]:
    """The history that the arguments name, piece by piece.

    Raises:
        AnomalyError: it cannot be read.
    """
    refuse_both(options)
    recorded = read(options.files, step_seconds=options.step)
    yield from history.of_recorded(recorded, skip_seconds=options.skip)
