"""What the exit code of a command says."""

OK = 0
"""The work is done; for `run` also when anomalies were found and reported."""

FAILED = 1
"""It could not be done: Prometheus, a sink or a file did not do its part."""

USAGE = 2
"""The command line, the configuration or a file is wrong."""

FOUND = 3
"""`check` found anomalies; `grade` and `backtest` miss a requirement."""

INTERRUPTED = 130
"""The user stopped it."""
