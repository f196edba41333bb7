"""Which peers there are, and what each is given."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """A detector to compare with."""

    name: str
    """What tables call it."""

    adapter: str
    """Its module in `bench.peers.adapters`."""

    package: str
    """The package that it comes in."""


LONGEST = 20_160
"""Points of a series that a peer is given at most, from its beginning: two weeks of minutes. Some
need hours for more."""

PEERS = (
    Peer("isolation forest", "isolation_forest", "scikit-learn"),
    Peer("nearest neighbours", "nearest_neighbours", "pyod"),
    Peer("PersistAD + SeasonalAD", "adtk", "adtk"),
    Peer("half-space trees", "half_space_trees", "river"),
    Peer("STL", "stl", "statsmodels"),
    Peer("left matrix profile", "matrix_profile", "stumpy"),
    Peer("Prophet", "prophet", "prophet"),
)
