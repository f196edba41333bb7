"""The array types of the detector, and how far it looks back."""

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
"""(time,), epoch seconds, not decreasing."""

Block = NDArray[np.float64]
"""(time, series): consecutive ticks of some series."""

Row = NDArray[np.float64]
"""(series,): one number for each."""

Flags = NDArray[np.bool_]
"""(time, series) or (series,)."""

CONTEXT = 64
"""Ticks before a block that its views reach back to: twice 24 and what smoothing adds."""

HISTORY = 12_288
"""Ticks that are kept: six weeks at five minutes, eight days at one minute."""

REACH = 12_000
"""Ticks that seasons look back; less than HISTORY by more than the longest stretch."""

DAY = 86_400.0
"""Seconds of a day whose clocks are not changed."""
