"""What the program costs: `python -m bench` measures it, and `docs/benchmarks.md` says the figures.

Everything runs through the real engine, with a provider that answers at once, so that what is
measured is the program and not a cluster.
"""
