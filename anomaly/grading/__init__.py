"""How good alerts are: against labelled incidents, and against faults that were made on purpose.

Pure: arrays in, figures out. The command line, the benchmark and the reports on experiments all
count with what is here, so that a figure means the same wherever it stands.
"""
