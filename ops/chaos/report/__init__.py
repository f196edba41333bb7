"""What a run of an experiment showed: what was expected, what happened, who noticed."""

from ops.chaos.report.build import report_on
from ops.chaos.report.document import ChaosReport, Objectives

__all__ = ["ChaosReport", "Objectives", "report_on"]
