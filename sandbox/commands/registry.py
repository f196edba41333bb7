"""What all commands share: how they are registered, and the sandbox they need to be up."""

import argparse
from typing import TYPE_CHECKING

from sandbox.control_plane.plane import ControlPlane
from sandbox.errors import UnhealthyError
from sandbox.folder import SandboxFolder

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - has no other name
else:
    Commands = object


def running_plane(folder: SandboxFolder) -> ControlPlane:
    """The control plane of the folder; raises when it does not run."""
    plane = ControlPlane(folder.root)
    if plane.group.state() is None:
        raise UnhealthyError("the sandbox is not up; `make up` brings it up")
    return plane
