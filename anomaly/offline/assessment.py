"""What alerts are worth over many series: collected one series at a time, then summed up."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from anomaly.offline.alerted import Alerted
from anomaly.offline.events import Matching
from anomaly.offline.sweep import Rung
from anomaly.offline.tally import Tally, tally
from anomaly.offline.windows import FaultGrade, FaultWindow, Watch, sum_up, watch


@dataclass(frozen=True)
class Assessment:
    """What came of one threshold, in all series together and in each."""

    threshold: float
    """The detector's `threshold`."""

    series: tuple[tuple[str, Tally], ...]
    """Each series with its name."""

    faults: FaultGrade | None
    """What was seen of the faults; None where no list of them is given."""

    labelled: bool
    """Whether somebody said of every series where its incidents are."""

    @property
    def alerts(self) -> Tally:
        """All alerts, whatever they were about."""
        return sum((each for _, each in self.series), Tally())

    @property
    def grade(self) -> Tally | None:
        """How good they were; a list of faults comes before labels."""
        if self.faults:
            return self.faults.overall
        return self.alerts if self.labelled and self.series else None

    @property
    def rung(self) -> Rung:
        """The same as one step of a sweep."""
        return Rung(self.threshold, self.alerts, self.grade)


@dataclass
class Assessor:
    """Collects series judged at one threshold."""

    threshold: float
    """The detector's `threshold`."""

    faults: Sequence[FaultWindow] = ()
    """What was made on purpose, if anything."""

    _series: list[tuple[str, Tally]] = field(default_factory=list)
    _watches: list[Watch] = field(default_factory=list)
    _labelled: bool = True

    def add(self, series: Alerted, matching: Matching) -> None:
        """One more series."""
        self._series.append((series.name, tally(series, matching)))
        self._labelled &= series.incidents is not None
        if self.faults:
            self._watches.append(watch(series, self.faults, matching))

    def result(self) -> Assessment:
        """All that was added."""
        return Assessment(
            threshold=self.threshold,
            series=tuple(self._series),
            faults=sum_up(self._watches, self.faults) if self.faults else None,
            labelled=self._labelled,
        )
