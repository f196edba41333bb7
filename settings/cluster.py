"""Which cluster a stack is about."""

from pydantic import Field

from settings.types import Model


class Cluster(Model):
    """The cluster of a stack; named, so that no ambient context can be hit by mistake."""

    context: str = Field(min_length=1)
    """Context of the kubeconfig."""

    kubeconfig: str | None = None
    """Path of the kubeconfig; null takes `KUBECONFIG` or the user's own."""

    cluster_identifier: str = Field(min_length=1)
    """Identity of the cluster. Everything is replaced when, and only when, this changes."""
