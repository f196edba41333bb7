"""Whether a cluster is ready for the platform: asked before anything is changed, with remedies.

Knows of the stack what its file says, and asks the cluster the rest. Changes nothing.
"""

from ops.doctor.document import Check, Examination
from ops.doctor.examination import examine
from ops.doctor.stack import Stack, read_stack

__all__ = ["Check", "Examination", "Stack", "examine", "read_stack"]
