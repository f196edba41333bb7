"""What can go wrong while a change travels.

DeliveryError
├── UsageError          something was asked that cannot be: a flag, a file, a variable
├── EngineError         the engine, or a tool beside it, failed
├── ClusterError        the cluster, or Prometheus in it, did not give what was asked
├── GitHubError         GitHub did not take or give what it was asked
└── GateClosed          something was found that stops the change, or drift
"""


class DeliveryError(Exception):
    """Base of all; its text says what is wrong and what to do."""

    exit_code = 1


class UsageError(DeliveryError):
    """Something was asked that cannot be."""

    exit_code = 2


class EngineError(DeliveryError):
    """The engine failed."""


class ClusterError(DeliveryError):
    """The cluster did not give what was asked."""


class GitHubError(DeliveryError):
    """GitHub did not take or give what it was asked."""


class GateClosed(DeliveryError):  # noqa: N818 - named after what is the matter
    """Something stops the change."""

    exit_code = 3
