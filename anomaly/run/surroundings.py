"""What all signals of a run have in common: where and when it looks, and its stopwatch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from anomaly.config.signals import WatchedSignal
from anomaly.pipeline.fetch import Stopwatch
from anomaly.pipeline.preparation import Judged
from anomaly.prometheus.blocks import Companions, Source
from anomaly.settings import Settings
from anomaly.state import Store

DAY = 24 * 3600.0
"""Incidents that were over for longer take no part in anything but the count of earlier ones."""

SPARE_INTERVALS = 2
"""A state that is ahead by less is of a run that was started twice, not of a wrong clock."""

Record = Callable[[WatchedSignal, Sequence[Mapping[str, str]], Judged, float], None]
"""Keeps what was said of series at the steps after a moment, until it is written."""


@dataclass(frozen=True)
class Surroundings:
    """What all signals of a run have in common."""

    settings: Settings
    source: Source
    companions: Companions
    store: Store
    record: Record
    stopwatch: Stopwatch

    newest: float
    """Epoch seconds of the newest tick."""

    until: Mapping[str, float]
    """Signal and the newest tick that an earlier run has judged, as far as that is known."""

    last_run: float
    """The same of signals of which it is not."""

    written: Mapping[str, float] = field(default_factory=dict)
    """Signal and the newest tick of which scores were written, where nothing else is remembered."""

    incomplete: Mapping[str, float] = field(default_factory=dict)
    """Signal and the tick from which on its answers are not whole."""

    @property
    def step(self) -> int:
        """Seconds from one tick to the next."""
        return self.settings.step_seconds

    def fresh(self, signal: str, remembered: float | None) -> float:
        """The tick after which ticks are new."""
        if remembered is not None:
            return remembered
        return self.until.get(signal, self.written.get(signal, self.last_run))

    @property
    def foreseeable(self) -> float:
        """Epoch seconds up to which an earlier run may have judged by a clock that is right."""
        return self.newest + SPARE_INTERVALS * self.settings.interval_minutes * 60
