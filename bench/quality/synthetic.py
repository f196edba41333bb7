"""A suite of series that look like those of services, with faults whose places are known.

Everything follows from a seed; nothing is copied from any data set. Families differ in step,
shape and kind of fault. Some hold no fault at all: every alert on them is false.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from bench.quality import faults
from bench.quality.faults import Fault, plant
from bench.quality.series import Labelled

Vector = NDArray[np.float64]
Generator = np.random.Generator

SEED = 20_250_101
BEGIN = 1_735_689_600.0
"""First timestamp: a Wednesday, midnight UTC."""

MINUTE, HOUR, DAY, WEEK = 60.0, 3600.0, 86400.0, 604800.0


def suite(seed: int = SEED) -> tuple[Labelled, ...]:
    """Return all series of all families."""
    made = []
    for number, (name, family) in enumerate(FAMILIES.items()):
        generator = np.random.default_rng([seed, number])
        for index, (times, values, labels) in enumerate(family(generator)):
            made.append(Labelled(f"{name}-{index}", times, values, labels))
    return tuple(made)


Made = tuple[Vector, Vector, NDArray[np.bool_]]


def hourly(generator: Generator) -> Iterator[Made]:
    """Two months of hours with daily and weekly shape; single points are wrong."""
    for _ in range(8):
        times = _times(1440, HOUR)
        values = 100 * _shape(times, generator, weekend=0.6) * _noise(1440, generator, 0.03)
        yield times, *plant(values, (faults.spike,) * int(generator.integers(3, 7)), generator)


def minutes(generator: Generator) -> Iterator[Made]:
    """A business figure every minute for a week: spikes, outages, shifts."""
    for _ in range(4):
        times = _times(10_080, MINUTE)
        values = 500 * _shape(times, generator) * _noise(10_080, generator, 0.06, memory=0.7)
        kinds = (faults.spike, faults.drop, faults.spike, faults.level_shift, faults.drop)
        yield times, *plant(values, kinds, generator)


def machines(generator: Generator) -> Iterator[Made]:
    """Processor and network of machines, two weeks at five minutes; one kind of fault each."""
    kinds: tuple[Fault, ...] = (
        faults.level_shift,
        faults.burst,
        faults.flat_line,
        faults.denser_spikes,
        faults.drift,
    )
    for kind in kinds:
        for busy in (False, True):
            times = _times(4032, 5 * MINUTE)
            base = 40 * (_shape(times, generator) if busy else np.ones(4032))
            values = base * _noise(4032, generator, 0.05, memory=0.5)
            jobs = generator.random(4032) < 0.01  # noqa: PLR2004 - short jobs that always ran
            values[jobs] *= 1.5
            yield times, *plant(values, (kind,) * 2, generator)


def counts(generator: Generator) -> Iterator[Made]:
    """How often something is mentioned, per five minutes; bursts of attention are the faults."""
    for mean in (2.0, 8.0, 40.0, 200.0):
        times = _times(4032, 5 * MINUTE)
        rate = mean * _shape(times, generator) * generator.gamma(8, 1 / 8, 4032)
        values, labels = plant(rate, (_attention,) * 3, generator)
        yield times, generator.poisson(values).astype(np.float64), labels


def counters(generator: Generator) -> Iterator[Made]:
    """Rates of counters that begin anew now and then, which is no fault; outages are."""
    for _ in range(4):
        times = _times(4032, 5 * MINUTE)
        rate = 50 * _shape(times, generator) * _noise(4032, generator, 0.08)
        values, labels = plant(rate, (faults.drop,) * 3, generator)
        restarts = generator.integers(0, 4032, 4)
        values[restarts] *= generator.random(4)  # what was counted before the restart is lost
        yield times, values, labels


def holes(generator: Generator) -> Iterator[Made]:
    """Series with gaps, repeated timestamps and missing values."""
    for share in (0.02, 0.2):
        times = _times(4032, 5 * MINUTE)
        clean = 10 * _shape(times, generator) * _noise(4032, generator, 0.05)
        values, labels = plant(clean, (faults.spike, faults.drop, faults.burst), generator)
        values[generator.random(4032) < share] = np.nan
        kept = np.ones(4032, dtype=bool)
        kept[900:1000] = False  # before any fault
        repeats = np.ones(4032, dtype=np.intp)
        repeats[generator.integers(0, 4032, 5)] = 2
        order = np.repeat(np.flatnonzero(kept), repeats[kept])
        yield times[order], values[order], labels[order]


def quiet(generator: Generator) -> Iterator[Made]:
    """No fault: constant, noise, a wandering level, a clean season, zeros with rare ones."""
    times = _times(4032, 5 * MINUTE)
    wandering = 1000 + np.cumsum(generator.normal(0, 1, 4032))
    rare = (generator.random(4032) < 0.02).astype(np.float64)  # noqa: PLR2004 - one in fifty
    season = 100 * _shape(times, generator) * _noise(4032, generator, 0.05)
    for values in (np.full(4032, 7.0), generator.normal(50, 5, 4032), wandering, season, rare):
        yield times, values, np.zeros(4032, dtype=bool)


FAMILIES: dict[str, Callable[[Generator], Iterator[Made]]] = {
    "hourly": hourly,
    "minutes": minutes,
    "machines": machines,
    "counts": counts,
    "counters": counters,
    "holes": holes,
    "quiet": quiet,
}


def _attention(rate: Vector, at: int, generator: Generator) -> slice:
    """All at once several times as many, and then fewer and fewer."""
    end = at + 36
    rate[at:end] *= 1 + generator.uniform(3, 8) * np.exp(-np.arange(36) / 12)
    return slice(at, end)


def _times(points: int, step: float) -> Vector:
    return BEGIN + step * np.arange(points, dtype=np.float64)


def _shape(times: Vector, generator: Generator, weekend: float = 1.0) -> Vector:
    """A day with a low night and one or two peaks, around 1; weekends may be quieter."""
    phase = 2 * np.pi * (times % DAY) / DAY
    first, second = generator.uniform(0, 2 * np.pi, 2)
    day = 1 + 0.5 * np.sin(phase + first) + 0.2 * np.sin(2 * phase + second)
    weekday = (times % WEEK) // DAY  # 0 is a Thursday, as the epoch began on one
    shape: Vector = np.where(np.isin(weekday, (2, 3)), weekend, 1.0) * day
    return shape


def _noise(points: int, generator: Generator, size: float, memory: float = 0.0) -> Vector:
    """Factors around 1; with memory, each resembles the one before."""
    steps = generator.normal(0, size, points)
    for index in range(1, points) if memory else ():
        steps[index] = memory * steps[index - 1] + np.sqrt(1 - memory**2) * steps[index]
    factors: Vector = np.exp(steps)
    return factors
