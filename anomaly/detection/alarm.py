"""The alarm: when an incident of a series begins, and when it is over.

It opens when enough of the last few minutes are anomalous and closes when the score has stayed low
for a while: one incident, one alarm, whatever the score does in between. A tick without a value
changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from anomaly.detection.arrays import Flags

Ticks = NDArray[np.int64]
"""Numbers of ticks since the beginning; (series,) or (time, series)."""

NEVER = -(1 << 40)


@dataclass(frozen=True)
class Evidence:
    """What is known of some ticks, (time, series)."""

    hot: Flags
    """The score is above the threshold and the deviation is large enough to matter."""

    certain: Flags
    """It is hot, and so far above the threshold that one tick is enough."""

    low: Flags
    """The score is low."""

    present: Flags
    """There is a value."""


@dataclass(frozen=True)
class Rule:
    """When an alarm opens and closes."""

    window: int
    """Ticks that are looked at together."""

    least: int
    """How many of them must be hot, the newest included."""

    recovery: int
    """Low ticks without one that is not, after which the incident is over."""


@dataclass
class Alarm:
    """Whether an incident is on, for some series."""

    fired: Ticks
    """The newest tick that would open an incident."""

    ended: Ticks
    """The newest tick that would end one."""

    since: Ticks
    """The tick at which the incident that is on, or the last one, began."""

    low: Ticks
    """Low ticks so far."""

    low_at_reset: Ticks
    """How many of them came before the newest tick that was not low."""

    recent: Flags
    """(time, series): which of the last few ticks were hot."""

    @classmethod
    def silent(cls, series: int) -> "Alarm":
        """No incident anywhere."""
        never = np.full(series, NEVER, np.int64)
        none = np.zeros(series, np.int64)
        return cls(never, never, never, none, none, np.zeros((0, series), np.bool_))

    @property
    def on(self) -> Flags:
        """(series,): where an incident is on."""
        return self.fired > self.ended

    def judge(self, tick: int, evidence: Evidence, rule: Rule) -> tuple[Flags, Ticks]:
        """Where an incident is on at each of the ticks from `tick` on, and when it began.

        Returns:
            Both (time, series); when it began means nothing where none is on.
        """
        number = np.arange(tick, tick + len(evidence.hot))[:, None]
        opening = self._opening(evidence, rule)
        if not (opening.any() or self.on.any()):
            # What ends incidents counts from the tick that opens one.
            return opening, np.broadcast_to(self.since, opening.shape)
        fired = _newest(number, opening, self.fired)
        ended = _newest(number, self._over(evidence, rule), self.ended)
        on: Flags = fired > ended
        begins = on & ~np.concatenate([self.on[None], on[:-1]])
        since = _newest(number, begins, self.since)
        self.since, self.fired, self.ended = since[-1], fired[-1], ended[-1]
        return on, since

    def _opening(self, evidence: Evidence, rule: Rule) -> Flags:
        hot, ticks = evidence.hot, len(evidence.hot)
        before = np.zeros((rule.window, hot.shape[1]), np.bool_)
        known = min(len(self.recent), len(before))
        before[len(before) - known :] = self.recent[len(self.recent) - known :]
        seen = np.concatenate([before, hot])
        self.recent = seen[ticks + 1 :]
        so_far = np.cumsum(seen, axis=0, dtype=np.int32)
        counts = so_far[rule.window :] - so_far[:ticks]
        return evidence.certain | (hot & (counts >= rule.least))

    def _over(self, evidence: Evidence, rule: Rule) -> Flags:
        low = self.low + np.cumsum(evidence.low, axis=0)
        resets = np.where(evidence.present & ~evidence.low, low, 0)
        at_reset = np.maximum(np.maximum.accumulate(resets, axis=0), self.low_at_reset)
        self.low, self.low_at_reset = low[-1], at_reset[-1]
        return evidence.low & (low - at_reset >= rule.recovery)

    def state(self) -> dict[str, NDArray[np.generic]]:
        """What `restored` needs."""
        return {part.name: getattr(self, part.name) for part in fields(self)}

    @classmethod
    def restored(cls, state: Mapping[str, NDArray[np.generic]]) -> "Alarm":
        """The alarm that gave that state."""
        ticks = {part.name: np.array(state[part.name], np.int64) for part in fields(cls)[:-1]}
        return cls(**ticks, recent=np.array(state["recent"], np.bool_))


def _newest(number: Ticks, happens: Flags, before: Ticks) -> Ticks:
    """The newest tick, up to each, at which it happened."""
    newest: Ticks = np.maximum.accumulate(np.where(happens, number, NEVER), axis=0)
    return np.maximum(newest, before)
