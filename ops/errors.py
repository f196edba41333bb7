"""What can go wrong in an operation, as one small taxonomy.

Every message is complete: what is wrong, and what to do next. None of them needs a traceback: the
command line shows it and ends with its code. So any function may raise one, and its docstring says
so only where a caller does something about it.
"""


class OpsError(Exception):
    """Something the user can read and act upon."""

    exit_code = 1


class UsageError(OpsError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class NoClusterError(UsageError):
    """No kubeconfig, or not the context that was asked for."""


class ClusterError(OpsError):
    """The API server did not do what was asked."""


class UnreachableError(ClusterError):
    """No answer, or not in time."""


class BusyError(ClusterError):
    """It could not just now; the same question may be answered a moment later."""


class ForbiddenError(ClusterError):
    """It does not know you, or does not let you."""


class NotInstalledError(ClusterError):
    """It serves no such kind."""


class NotFoundError(ClusterError):
    """It has no such object."""


class ConflictError(ClusterError):
    """Somebody else changed the object meanwhile."""


class RefusedError(ClusterError):
    """It will not: a policy, a webhook or the schema is against it."""


class SourceError(OpsError):
    """Prometheus or Alertmanager did not give what was asked."""


class EngineError(OpsError):
    """The Pulumi engine, or the program that it runs, failed."""


class OverdueError(OpsError):
    """What was waited for did not happen in time."""


class UnhealthyError(OpsError):
    """It was done, and the outcome is not well; or a gate is closed."""

    exit_code = 3
