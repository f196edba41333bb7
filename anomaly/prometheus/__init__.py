"""Reading: from PromQL to one matrix of series.

Owns how Prometheus, or what speaks its query API, is asked and how its answers are taken apart.
What the series mean is not its business.
"""
