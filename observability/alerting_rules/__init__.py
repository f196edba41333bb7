"""Recording and alert rules for Prometheus, from a stack's configuration; pure.

Anomalies inform, spent objectives page: `critical` is for what must be mended now, `warning` for a
look today, `info` for context.
"""
