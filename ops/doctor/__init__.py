"""Whether a cluster is ready for the platform: asked before anything is changed, with remedies.

Knows of the stack what its file says, and asks the cluster the rest. Changes nothing.
"""

from ops.doctor.document import Check, Examination
from ops.doctor.examination import examine

__all__ = ["Check", "Examination", "examine"]
