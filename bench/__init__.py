"""What is measured; `make bench` runs it all, and `docs/benchmarks.md` says the figures.

program     what the program costs: `python -m bench.program`
detector    how well and how fast the detector is beside others: `python -m bench.detector`
quality     metrics, series whose faults are known, and the protocol
peers       other detectors, each in an environment of their own
throughput  time and memory
"""
