"""What a run leaves for the next: what it has told, learnt, and could not get rid of."""

from anomaly.state.store import Store, opened

__all__ = ["Store", "opened"]
