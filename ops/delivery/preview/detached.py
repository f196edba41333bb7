"""A stack without its secrets: what a pull request's own code is previewed against.

The state is exported as it lies in its backend, encrypted, and needs no passphrase for that. Every
secret in it, and every one in the stack file, gives way to a stand-in; the rest goes into a backend
that ends with the preview, under a passphrase that was made up for it. Whatever the code does, it
finds no secret of the stack.
"""

import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from ops.delivery.engine import Engine
from ops.delivery.preview.redaction import PULUMI_SIGNATURE
from ops.delivery.rendering.recording import SECRET
from ops.delivery.rendering.stacks import STAND_IN, is_secret
from ops.stack import PROJECT, stack_content


@contextmanager
def detached(engine: Engine) -> Iterator[tuple[Engine, tuple[str, ...]]]:
    """The engine on such a stack, and the flags that its previews need.

    Raises:
        EngineError: when the state cannot be read.
        UsageError: when the stack has no file.
    """
    state = without_secrets(json.loads(engine.read("stack", "export", "--stack", engine.stack)))
    values = stack_content(engine.stack, engine.folder).get("config") or {}
    hidden = [key for key, value in values.items() if is_secret(value)]
    content = {"config": {key: value for key, value in values.items() if key not in hidden}}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "backend").mkdir()
        own = {
            "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": secrets.token_hex(),
        }
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": PROJECT, "runtime": "python"}))
        file = folder / f"Pulumi.{engine.stack}.yaml"
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        apart = replace(engine, folder=folder, variables=own)
        apart.read("stack", "init", engine.stack)
        for key in hidden:
            apart.read("config", "set", "--stack", engine.stack, "--secret", key, STAND_IN)
        # The stand-ins are encrypted as secrets are, by what the new stack encrypts with.
        empty = json.loads(apart.read("stack", "export", "--stack", engine.stack))
        state["deployment"]["secrets_providers"] = empty["deployment"].get("secrets_providers")
        imported = folder / "state.json"
        imported.write_text(json.dumps(state), encoding="utf-8")
        apart.read("stack", "import", "--stack", engine.stack, "--file", str(imported))
        yield replace(engine, variables=own), ("--config-file", str(file))


def without_secrets(value: Any) -> Any:
    """A state, or a part of it, with a stand-in for each secret. Pure."""
    if isinstance(value, dict):
        if value.get(PULUMI_SIGNATURE) == SECRET:
            return {PULUMI_SIGNATURE: SECRET, "plaintext": json.dumps(STAND_IN)}
        kept = {key: entry for key, entry in value.items() if key != "secrets_providers"}
        return {key: without_secrets(entry) for key, entry in kept.items()}
    return [without_secrets(entry) for entry in value] if isinstance(value, list) else value
