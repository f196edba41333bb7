"""Keeps a list of services running in one detached, supervised group.

Knows nothing of Kubernetes: a service is a command, a readiness probe and a log file.
"""
