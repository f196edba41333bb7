"""Runs the real program with the committed configuration of a stack; nothing is contacted."""

import json
import os
import re
import runpy
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sandbox.engine.project import Overlay, Project
from settings.secrets import SECRETS
from tests.recording import PROJECT, Graph, Registered, deploy
from vocabulary.labels import GRAFANA_DASHBOARD

ROOT = Path(__file__).parents[2]
STACKS = ("sandbox", "sandbox.without-node", "sandbox.node", "staging", "prod")
"""Stacks, and the sandbox's where something is laid over it."""
TOKEN = "xoxb-made-up-for-this-test"
SNAPSHOTS = Path(__file__).parent / "snapshots"


def configuration(stack: str) -> dict[str, str]:
    """The committed values as the engine hands them to a program."""
    return dict(_committed(stack))


@cache
def _committed(stack: str) -> dict[str, str]:
    schema = yaml.load((ROOT / "Pulumi.yaml").read_text(), yaml.CSafeLoader)["config"]
    defaults = {key: place["default"] for key, place in schema.items() if "default" in place}
    name, _, overlay = stack.partition(".")
    tags = {"!digest": lambda _: f"sha256:{'1' * 64}"}
    project = Project(ROOT, ROOT, Overlay(overlay, tags) if overlay else None)
    values = defaults | yaml.load(project.merged(name), yaml.CSafeLoader)["config"]
    values[f"{PROJECT}:slackToken"] = TOKEN
    return {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()
    }


DIGEST = "7c" * 32
"""Of an image that somebody has built; the committed stacks have zeros instead."""


def built(stack: str, changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Changes after which a stack runs a detector whose image somebody has built."""
    area = f"{PROJECT}:anomaly"
    anomaly = json.loads((changes or {}).get(area) or configuration(stack)[area])
    anomaly["image"] = {"digest": f"sha256:{DIGEST}"}
    return {**(changes or {}), area: json.dumps(anomaly)}


def program() -> None:
    runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")


def run(stack: str, changes: Mapping[str, str] | None = None) -> Graph:
    """Everything that a stack registers."""
    os.environ.pop("PULUMI_CONFIG", None)
    return deploy(
        program,
        stack=stack.partition(".")[0],
        configuration=configuration(stack) | dict(changes or {}),
        secrets=tuple(f"{PROJECT}:{key}" for key in SECRETS),
        preview=True,
    )


def manifest(registered: Registered) -> dict[str, Any]:
    """A registration as the object that Kubernetes gets."""
    inputs = {key: value for key, value in registered.inputs.items() if value is not None}
    if registered.secrets:
        inputs = {
            key: "secret" if key in registered.secrets else value for key, value in inputs.items()
        }
    return inputs


def snapshot(stack: str) -> str:
    """Every object of a stack as YAML, in an order that does not depend on timing."""
    graph = run(stack)
    documents = [
        {"resource": item.name, "type": item.type, **_legible(manifest(item))}
        for item in sorted(graph.objects, key=lambda item: (item.type, item.name))
    ]
    text = yaml.safe_dump_all(documents, sort_keys=True, width=120)
    # A new detector is a new name; its sources say more about what changed. So does Git's log.
    text = re.sub(r"(anomaly-detector-bundle)-[0-9a-f]{8,}", r"\1-<hash>", text)
    return re.sub(r"^(  (commit|tree):) \S+$", r"\1 <\2>", text, flags=re.MULTILINE)


def _legible(inputs: dict[str, Any]) -> dict[str, Any]:
    # Bundle and boards follow from the sources; what matters to a reviewer is that they are there.
    follows = "binaryData"
    if GRAFANA_DASHBOARD in inputs.get("metadata", {}).get("labels", {}):
        follows = "data"
    files = inputs.get(follows)
    return inputs | {follows: sorted(files)} if isinstance(files, dict) else inputs


if __name__ == "__main__":
    for each in STACKS:
        (SNAPSHOTS / f"{each}.yaml").write_text(snapshot(each))
