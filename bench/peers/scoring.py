"""Letting a peer score series, in its own environment, which this process never imports from."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.peers.catalogue import Peer
from bench.peers.python import run_module
from bench.quality.series import Labelled

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Scores:
    """What a peer said of some series."""

    of_series: tuple[Vector, ...]
    """One score per point; NaN where there is no value."""

    cpu: float
    """Seconds of processor time."""


def score(python: Path, peer: Peer, group: Sequence[Labelled], *, seconds: float) -> Scores:
    """Score every series of a group.

    Raises:
        RunError: when the peer fails or takes longer than allowed.
    """
    with tempfile.TemporaryDirectory(prefix="bench-peer-") as name:
        source, target = Path(name, "in.npz"), Path(name, "out.npz")
        arrays = {}
        for index, series in enumerate(group):
            arrays[f"{index}|t"] = series.timestamps
            arrays[f"{index}|v"] = series.values
            arrays[f"{index}|step"] = np.array(series.step)
        np.savez(source, allow_pickle=False, **arrays)
        arguments = [peer.adapter, str(source), str(target)]
        run_module(python, "bench.peers.worker", arguments, seconds=seconds)
        with np.load(target) as results:
            return Scores(
                tuple(
                    np.where(np.isnan(series.values), np.nan, results[f"{index}|s"])
                    for index, series in enumerate(group)
                ),
                sum(float(results[f"{index}|cpu"]) for index in range(len(group))),
            )
