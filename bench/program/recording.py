"""What a program registers, taken from a preview by the real engine."""

import json
from typing import Any

from sandbox.engine.workspace import Workspace


def record(workspace: Workspace, stack: str) -> list[dict[str, Any]]:
    """Return every resource that is not a component, in the order of registration."""
    digest = json.loads(workspace.capture(["preview", "--json", "--stack", stack]))
    states = [step["newState"] for step in digest["steps"] if step["op"] != "read"]
    custom = [state for state in states if state["custom"]]
    known = {state["urn"] for state in custom}
    return [
        {
            "urn": state["urn"],
            "type": state["type"],
            "name": state["urn"].rpartition("::")[2],
            "inputs": state.get("inputs", {}),
            "provider": state.get("provider", "").rpartition("::")[0],
            "dependencies": [urn for urn in state.get("dependencies", ()) if urn in known],
        }
        for state in custom
    ]
