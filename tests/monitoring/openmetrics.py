"""Series of a test as the text from which promtool makes a database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """A metric with its labels; NaN where there is no sample."""

    metric: str
    labels: Mapping[str, str]
    values: Values


def write(path: Path, times: NDArray[np.int64], series: Iterable[Series]) -> None:
    """Write all samples, metric by metric."""
    with path.open("w", encoding="utf-8") as file:
        for each in sorted(series, key=lambda one: one.metric):
            labels = ",".join(f'{name}="{value}"' for name, value in each.labels.items())
            there = ~np.isnan(each.values)
            file.writelines(
                f"{each.metric}{{{labels}}} {value:.10g} {time}\n"
                for time, value in zip(times[there], each.values[there], strict=True)
            )
        file.write("# EOF\n")
