"""Processor time of this process and of the children that it waited for, as Prophet's model is."""

import resource


def seconds_used() -> float:
    """Return what both have used up to now."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
