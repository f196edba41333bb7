"""A run: all signals watched, what there is to tell decided, everybody told, all remembered."""

from anomaly.run.once import run, run_once

__all__ = ["run", "run_once"]
