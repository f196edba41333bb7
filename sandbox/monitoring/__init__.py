"""Prometheus and Alertmanager on loopback: for whoever reads series, writes some, or sends alerts.

A supervised group of its own below the sandbox's folder; it needs no control plane.
"""

from sandbox.monitoring.monitoring import Monitoring

__all__ = ["Monitoring"]
