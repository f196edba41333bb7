"""What can go wrong while a change travels, beside what can go wrong in a cluster (`ops.errors`).

OpsError
├── UsageError, ClusterError, SourceError ...   as in operations
├── EngineError         the engine, or a tool beside it, failed
├── GitHubError         GitHub did not take or give what it was asked
└── GateClosed          something was found that stops the change, or drift
"""

from ops.errors import ClusterError, OpsError, UsageError

__all__ = ["ClusterError", "EngineError", "GateClosed", "GitHubError", "OpsError", "UsageError"]


class EngineError(OpsError):
    """The engine failed."""


class GitHubError(OpsError):
    """GitHub did not take or give what it was asked."""


class GateClosed(OpsError):  # noqa: N818 - named after what is the matter
    """Something stops the change."""

    exit_code = 3
