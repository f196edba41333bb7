"""A stack's configuration as the engine would hand it over, read from the checkout's own files.

Secrets cannot be read without their key and need not be: a stand-in takes their place.
"""

import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.delivery.rendering.recording import Registered, record
from ops.files import read_mapping
from ops.stack import ROOT, stack_content

STAND_IN = "a-secret-that-nobody-has-read"
"""What the program gets in place of a secret."""


Given = tuple[dict[str, str], tuple[str, ...]]
"""The configuration of a stack, and which of its keys are secret."""


def configuration(stack: str, folder: Path = ROOT) -> Given:
    """What the file of a stack says.

    Raises:
        UsageError: when there is no such stack.
    """
    return readable(stack_content(stack, folder), folder)


def readable(content: Mapping[str, Any], folder: Path = ROOT) -> Given:
    """What a stack file says, over the project's defaults."""
    schema = read_mapping(folder / "Pulumi.yaml").get("config") or {}
    defaults = {
        key: place["default"]
        for key, place in schema.items()
        if isinstance(place, dict) and "default" in place
    }
    values: dict[str, Any] = defaults | (content.get("config") or {})
    secrets = tuple(key for key, value in values.items() if is_secret(value))
    readable = {key: STAND_IN if key in secrets else value for key, value in values.items()}
    return {
        key: value if isinstance(value, str) else json.dumps(value, default=str)
        for key, value in readable.items()
    }, secrets


def registered(stack: str, given: Given | None = None) -> dict[str, Registered]:
    """Everything that the checkout's program registers for a stack, by URN.

    Without a configuration by that of its file.

    Raises:
        UsageError: when there is no such stack.
        pulumi.RunError: when the program refuses its configuration.
    """
    values, secrets = given or configuration(stack)
    return record(
        lambda: runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__"),
        stack=stack,
        configuration=values,
        secrets=secrets,
    )


def is_secret(value: object) -> bool:
    """Whether a stack file keeps a value encrypted."""
    return isinstance(value, dict) and set(value) == {"secure"}
