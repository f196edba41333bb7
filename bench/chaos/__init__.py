"""How fast experiments are stopped, undone and got over, on a live sandbox."""
