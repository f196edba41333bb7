"""What an examination found, as a document."""

from typing import Literal

from ops.documents import Document, Part

Finding = Literal["well", "unwell", "unknown"]


class Check(Part):
    """One thing that was looked at."""

    area: str
    """What it belongs to, as `mesh`."""

    name: str
    """What was looked at."""

    state: Finding
    """`well`; `unwell`: something would break; `unknown`: it could not be asked."""

    found: str
    """What there is."""

    remedy: str = ""
    """What to do; empty when nothing is to be done."""


class Examination(Document):
    """What stands between a cluster and the platform."""

    document: Literal["doctor/1"] = "doctor/1"
    """Name and version of this document."""

    well: bool
    """Whether nothing would break, as far as it could be asked."""

    cluster: str
    """Context of the cluster."""

    stack: str
    """The stack whose file was read; empty for none."""

    checks: tuple[Check, ...]
    """In the order in which they were made."""
