"""HTTP as the detector speaks it: credentials, TLS, bounded time and size, retries.

Knows nothing of Prometheus or of those who are told; `reading` and `results` lie on top of it.
"""
