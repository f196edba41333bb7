"""Series and faults from files, for history that no Prometheus keeps.

Formats are in `docs/detector/command-line.md`. What a file holds is checked here, with the line
or key at fault, so that everything behind may rely on it.
"""
