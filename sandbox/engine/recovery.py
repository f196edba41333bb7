"""Mends a stack whose last update was cut short, so that the same command can finish the work.

A killed engine leaves its lock, and for every object whose creation it never saw the end of, a
note. Forgetting the note would lose or double the object. So each is entered into the state under
the id it must have, and a refresh drops those that do not exist.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from sandbox.engine.backend import Backend, is_running_engine, is_whole
from sandbox.errors import EngineError
from sandbox.files import write_atomically


class Engine(Protocol):
    """What the repair needs of the CLI."""

    def pulumi(self, arguments: Sequence[str]) -> int:
        """Run a command, showing its output."""

    def capture(self, arguments: Sequence[str]) -> str:
        """Run a command and return what it prints."""


def restore_state(backend: Backend, stack: str) -> bool:
    """Replace half a state by the engine's own backup; returns whether that was necessary.

    The backup is the state as it was one step before. The engine notes every creation before it
    begins, so nothing is lost that `settle_pending_creates` would not find.
    """
    state, backup = backend.state(stack), backend.backup(stack)
    if not state.exists() or is_whole(state):
        return False
    if not is_whole(backup):
        raise EngineError(
            f"the state of stack {stack!r} is damaged, and so is its backup: {state}, {backup}; "
            "`make down` removes the sandbox and both, `make up` then begins anew"
        )
    shutil.copy2(state, state.with_name(f"{state.name}.damaged"))
    write_atomically(state, backup.read_bytes())
    return True


def release_stale_lock(engine: Engine, backend: Backend, stack: str) -> None:
    """Take away the lock of an engine that is gone; refuse to touch that of a living one."""
    holders = backend.lock_holders(stack)
    if alive := [pid for pid in holders if pid is not None and is_running_engine(pid)]:
        raise EngineError(
            f"another pulumi (process {alive[0]}) is working on stack {stack!r}; "
            "wait for it to end, or stop it and run this command again"
        )
    if holders:
        engine.pulumi(["cancel", "--yes", "--stack", stack])


def settle_pending_creates(engine: Engine, backend: Backend, stack: str, scratch: Path) -> None:
    """Find out about every object whose creation was cut short, and record what is true."""
    if not backend.has_pending_creates(stack):
        return
    deployment = json.loads(engine.capture(["stack", "export", "--stack", stack]))
    scratch.write_text(json.dumps(with_pending_entered(deployment)), encoding="utf-8")
    try:
        engine.pulumi(["stack", "import", "--stack", stack, "--file", str(scratch)])
    finally:
        scratch.unlink()
    if targets := [f"--target={each['urn']}" for each in _pending_objects(deployment)]:
        engine.pulumi(["refresh", "--yes", "--skip-preview", "--stack", stack, *targets])


def with_pending_entered(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """Return an exported deployment whose pending creations are resources of the state.

    A resource that was about to replace another takes its place; the other is marked for deletion
    unless it already was deleted.
    """
    entered = {
        each["urn"]: each | {"id": object_id(each["inputs"]), "outputs": each["inputs"]}
        for each in _pending_objects(deployment)
    }
    resources = [
        each | {"delete": True} if each["urn"] in entered else each
        for each in deployment["deployment"].get("resources", [])
        if not (each["urn"] in entered and each.get("pendingReplacement"))
    ]
    state = {
        **deployment["deployment"],
        "resources": [*resources, *entered.values()],
        "pending_operations": [],
    }
    return {**deployment, "deployment": state}


def object_id(inputs: Mapping[str, Any]) -> str:
    """Return the id of a Kubernetes object, or of a Helm release, from its checked inputs."""
    named: Mapping[str, Any] = inputs.get("metadata") or inputs
    return "/".join(filter(None, (named.get("namespace"), named["name"])))


def _pending_objects(deployment: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what was being created in the cluster; the rest exists in the state alone."""
    for operation in deployment["deployment"].get("pending_operations") or ():
        resource = operation["resource"]
        if operation["type"] == "creating" and resource["type"].startswith("kubernetes:"):
            yield resource
