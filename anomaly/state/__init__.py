"""What a run leaves for the next: what it has told, learnt, and could not get rid of."""

from anomaly.state.store import Draft, Folder, Forgetful, Store, opened

__all__ = ["Draft", "Folder", "Forgetful", "Store", "opened"]
