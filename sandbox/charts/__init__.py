"""The charts of the sandbox stack, staged from pinned Go modules."""

from sandbox.charts.staging import stage_charts

__all__ = ["stage_charts"]
