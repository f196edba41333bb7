"""One module per peer: `score(series)` judges every point of a series by what came before it."""
