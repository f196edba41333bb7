"""The control plane of one run folder: started, found again, stopped."""

import shutil
from collections.abc import Callable
from pathlib import Path

from sandbox.control_plane.assembly import Assembly, Programs
from sandbox.control_plane.layout import RunFolder
from sandbox.node.holder import remove_leftovers
from sandbox.supervision.group import Group
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.service import GroupState


class ControlPlane:
    """One control plane, whether it runs or not."""

    def __init__(self, root: Path) -> None:
        self.folder = RunFolder(root.resolve())
        self.group = Group(self.folder.root)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig; its context is `brisa-sandbox`."""
        return self.folder.kubeconfig

    @property
    def has_node(self) -> bool:
        """Whether it was last started with a node, which it keeps until it is stopped."""
        return self.folder.node.plan.exists()

    def start(
        self,
        programs: Programs,
        *,
        owner: ProcessIdentity | None = None,
        on_change: Callable[[GroupState], None] | None = None,
    ) -> GroupState:
        """Bring it up and wait until it is ready; does nothing when it already is.

        One that runs without a node and shall have one is started anew; what it stores stays.

        Args:
            programs: What to run.
            owner: Process with which the control plane ends; None lets it stay.
            on_change: Called with every new state while waiting.
        """
        if programs.node is not None and not self.has_node:
            self.group.stop()
        return self.group.bring_up(
            lambda: Assembly(self.folder).services(programs),
            ports=self.folder.ports,
            owner=owner,
            on_change=on_change,
        )

    def stop(self) -> None:
        """Stop everything and remove the folder."""
        self.group.stop()
        remove_leftovers(self.folder.node)
        if self.folder.root.exists():
            shutil.rmtree(self.folder.root)
