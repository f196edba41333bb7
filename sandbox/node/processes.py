"""The node's processes as this machine sees them.

Inside, they have numbers of the node's own; the kernel tells both of each.
"""

from collections.abc import Iterator
from pathlib import Path

from sandbox.node.layout import NodeFolder
from sandbox.supervision.identity import ProcessIdentity
from sandbox.supervision.service import GroupState, ServiceState

_PROC = Path("/proc")
_NUMBERS = "NSpid:"
_NESTED = 2
"""Numbers of a process in the node: this machine's, and the node's own."""


def services(node: NodeFolder) -> list[ServiceState]:
    """What runs in the node, with the process numbers of this machine; nothing when it does not."""
    state = GroupState.read(node.group.state)
    if state is None:
        return []
    outside = dict(_nested_processes())
    if _seen_from_outside(state.supervisor, outside) is None:
        return []
    return [
        service.model_copy(update={"process": _seen_from_outside(service.process, outside)})
        for service in state.services
    ]


def _seen_from_outside(
    inside: ProcessIdentity | None, outside: dict[tuple[int, int], ProcessIdentity]
) -> ProcessIdentity | None:
    return outside.get((inside.pid, inside.start_ticks)) if inside is not None else None


def _nested_processes() -> Iterator[tuple[tuple[int, int], ProcessIdentity]]:
    """Every process of this machine that has one more number, by that one and its start."""
    for folder in _PROC.glob("[0-9]*"):
        try:
            status = (folder / "status").read_text(encoding="utf-8", errors="replace")
            numbers = next(line for line in status.splitlines() if line.startswith(_NUMBERS))
            pids = [int(number) for number in numbers.split()[1:]]
            if len(pids) == _NESTED:
                identity = ProcessIdentity.of(pids[0])
                yield (pids[1], identity.start_ticks), identity
        except (FileNotFoundError, ProcessLookupError):
            continue
