"""Other detectors that install from PyPI, to compare with: each in an environment of its own.

Only `adapters` and `worker` run there, and need nothing of this project but `causal`; everything
else runs here and needs nothing of theirs.
"""
