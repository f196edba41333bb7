"""The control plane of one run folder: started, found again, stopped."""

import shutil
from collections.abc import Callable
from pathlib import Path

from sandbox.control_plane.assembly import Assembly, Programs
from sandbox.control_plane.layout import RunFolder
from sandbox.errors import PortTakenError
from sandbox.supervision.group import Group
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.service import GroupState, Phase

_ATTEMPTS_AT_PORTS = 3


class ControlPlane:
    """One control plane, whether it runs or not."""

    def __init__(self, root: Path) -> None:
        self.folder = RunFolder(root.resolve())
        self.group = Group(self.folder.root)

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig; its context is `brisa-sandbox`."""
        return self.folder.kubeconfig

    def start(
        self,
        programs: Programs,
        *,
        owner: ProcessIdentity | None = None,
        on_change: Callable[[GroupState], None] | None = None,
    ) -> GroupState:
        """Bring it up and wait until it is ready; does nothing when it already is.

        Args:
            programs: What to run.
            owner: Process with which the control plane ends; None lets it stay.
            on_change: Called with every new state while waiting.
        """
        if self._is_supervised():
            return self.group.wait_until_ready(on_change)
        attempts_left = _ATTEMPTS_AT_PORTS
        while True:
            self.group.stop()
            self.group.start(Assembly(self.folder).services(programs), owner=owner)
            attempts_left -= 1
            try:
                return self.group.wait_until_ready(on_change)
            except PortTakenError:
                self.folder.ports.unlink()
                if not attempts_left:
                    raise

    def stop(self) -> None:
        """Stop everything and remove the folder."""
        self.group.stop()
        if self.folder.root.exists():
            shutil.rmtree(self.folder.root)

    def _is_supervised(self) -> bool:
        """Whether a supervisor cares for it and has not given anything up."""
        state = self.group.state()
        return state is not None and all(s.phase is not Phase.FAILED for s in state.services)
