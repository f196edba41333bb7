"""The series that are judged: a daily shape, noise and rare spikes; no two the same."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

STEP = 300.0
BEGIN = 1_735_689_600.0
SPIKES = 0.001
"""Share of the points that are spikes."""


def timestamps(points: int) -> NDArray[np.float64]:
    """Five minutes apart."""
    return BEGIN + STEP * np.arange(points, dtype=np.float64)


def matrix(series: int, points: int, seed: int = 0) -> Matrix:
    """Make (series, points) values, each series with its own level, amplitude and phase."""
    generator = np.random.default_rng(seed)
    level, amplitude, phase = generator.uniform([1, 0, 0], [1000, 1, 6.28], (series, 3)).T
    angle = 2 * np.pi * timestamps(points) / 86400
    values: Matrix = np.sin(angle[None, :] + phase[:, None])
    values *= amplitude[:, None]
    values += 2 + generator.normal(0, 0.1, values.shape)
    values *= level[:, None]
    spikes = generator.random(values.shape) < SPIKES
    values[spikes] *= 3
    return values


def chunks(series: int, points: int, size: int) -> Iterator[Matrix]:
    """Make the matrix piece by piece; a piece is overwritten by the next."""
    template = matrix(min(series, size), points)
    piece = np.empty_like(template)
    for number, begin in enumerate(range(0, series, size)):
        rows = min(size, series - begin)
        np.multiply(template[:rows], 1 + number / 997, out=piece[:rows])
        yield piece[:rows]
