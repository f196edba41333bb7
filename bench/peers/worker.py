"""`python -m bench.peers.worker ADAPTER IN OUT`: runs one peer, in its environment.

IN holds `<index>|t`, `<index>|v` and `<index>|step` per series, OUT gets `<index>|s`, the scores,
and `<index>|cpu`, the seconds of processor time that they took.
"""

import sys
import warnings
from importlib import import_module
from pathlib import Path

import numpy as np

from bench.peers.causal import Judged, Series, Vector, without_holes
from bench.peers.processor import seconds_used

CHECKED_SHARE = 0.6
"""Share of a series whose scores must be the same when the rest does not exist."""

CHECKED_POINTS = 700
"""A series to check causality with should have at least so many points."""


def main(adapter: str, source: Path, target: Path) -> None:
    """Score every series and write the scores."""
    warnings.simplefilter("ignore")  # theirs, about their own dependencies
    score: Judged = import_module(f"bench.peers.adapters.{adapter}").score
    series = _read(source)
    score(series[0].part(0, CHECKED_POINTS))  # compile what is compiled at first use
    results = {}
    for index, each in enumerate(series):
        begin = seconds_used()
        results[f"{index}|s"] = score(each)
        results[f"{index}|cpu"] = np.array(seconds_used() - begin)
    _check_causality(score, series, [results[f"{index}|s"] for index in range(len(series))])
    np.savez(target, allow_pickle=False, **results)


def _read(source: Path) -> list[Series]:
    with np.load(source) as arrays:
        count = sum(name.endswith("|v") for name in arrays.files)
        return [
            without_holes(
                arrays[f"{index}|t"], arrays[f"{index}|v"], float(arrays[f"{index}|step"])
            )
            for index in range(count)
        ]


def _check_causality(score: Judged, series: list[Series], scores: list[Vector]) -> None:
    """Fail when the scores of a beginning depend on what follows it."""
    long_enough = [each for each in range(len(series)) if len(series[each]) >= CHECKED_POINTS]
    index = min(long_enough or range(len(series)), key=lambda each: len(series[each]))
    points = int(CHECKED_SHARE * len(series[index]))
    if not np.allclose(score(series[index].part(0, points)), scores[index][:points]):
        sys.exit(f"series {index}: its first {points} scores change with the points after them")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
