"""One way from Prometheus to incidents: a signal is read, judged and followed.

A run, a look at one metric, a backtest, a grade and an explanation all go it.
"""
