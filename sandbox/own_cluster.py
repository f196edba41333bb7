"""A cluster of the user's own: the same stack and demo in it; nothing is started on this machine.

What the engine remembers of it lies in a folder named after its kubeconfig context.
"""

import shutil
from dataclasses import dataclass
from urllib.parse import quote

from sandbox.charts import stage_charts
from sandbox.cluster import Cluster
from sandbox.console import MESSAGES
from sandbox.demo.demo import Demo
from sandbox.engine.project import Overlay
from sandbox.engine.workspace import Workspace
from sandbox.errors import UsageError
from sandbox.folder import CHARTS, CHECKOUT, SHARED, SandboxFolder
from sandbox.toolchain import Toolchain
from sandbox.toolchain.catalogue import KUBERNETES_PLUGIN, PULUMI

_OVERLAY, _CONTEXT = "cluster", "!context"


@dataclass(frozen=True)
class OwnCluster:
    """A cluster that kubectl knows."""

    context: str
    """Its kubeconfig context."""

    @property
    def folder(self) -> SandboxFolder:
        """Where the engine keeps what it knows of it."""
        return SandboxFolder(SHARED / "clusters" / quote(self.context, safe=""))

    @property
    def demo(self) -> Demo:
        """The demo in it."""
        return Demo(self._cluster)

    def prepare(self) -> Workspace:
        """Bring the demo up, build what the engine needs, and open the engine's workspace.

        Raises:
            UsageError: when kubectl knows no such context.
            ClusterError: when the cluster does not answer.
        """
        self._check()
        self.demo.refuse_others()
        toolchain = Toolchain.ensure(MESSAGES, (PULUMI, KUBERNETES_PLUGIN))
        stage_charts(CHARTS, toolchain.go)
        self.demo.prepare()
        return self._workspace(toolchain)

    def find(self) -> Workspace | None:
        """The engine's workspace of a cluster in which the stack was brought up."""
        self._check()
        toolchain = Toolchain.find((PULUMI, KUBERNETES_PLUGIN))
        known = (self.folder.root / "engine").exists()
        return self._workspace(toolchain) if toolchain and known else None

    def forget(self) -> None:
        """Remove what the engine remembers."""
        if self.folder.root.exists():
            shutil.rmtree(self.folder.root)

    def _workspace(self, toolchain: Toolchain) -> Workspace:
        self.folder.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        overlay = Overlay(_OVERLAY, {_CONTEXT: lambda _: self.context})
        return Workspace.prepare(
            toolchain, self.folder.root, CHECKOUT, overlay=overlay, own_kubeconfig=False
        )

    @property
    def _cluster(self) -> Cluster:
        return Cluster(context=self.context)

    def _check(self) -> None:
        known = Cluster().run("config", "get-contexts", "--output=name").split()
        if self.context not in known:
            raise UsageError(
                f"kubectl knows no context {self.context!r}; it knows: {', '.join(known) or 'none'}"
            )
        self._cluster.run("get", "--raw=/readyz", "--request-timeout=10s")
