"""The projects that are measured, each in a workspace of its own below one folder."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from sandbox.engine.plugins import write_module_launcher
from sandbox.engine.workspace import Toolchain, Workspace

CHECKOUT = Path(__file__).resolve().parents[2]
FLAT = Path(__file__).with_name("flat")


def program(toolchain: Toolchain, folder: Path) -> Workspace:
    """The program of this checkout with its own stacks."""
    return _workspace(toolchain, folder, CHECKOUT)


def program_with(toolchain: Toolchain, folder: Path, stack: str, values: Any) -> Workspace:
    """The program of this checkout with a stack that is not committed."""
    checkout = folder / "checkout"
    checkout.mkdir(parents=True)
    project = yaml.safe_load((CHECKOUT / "Pulumi.yaml").read_text(encoding="utf-8"))
    _write_yaml(checkout / "Pulumi.yaml", {**project, "main": str(CHECKOUT)})
    _write_yaml(checkout / f"Pulumi.{stack}.yaml", values)
    return _workspace(toolchain, folder, checkout)


def flat(
    toolchain: Toolchain, folder: Path, stack: str, resources: Sequence[dict[str, Any]]
) -> Workspace:
    """A program that registers just these resources."""
    checkout = folder / "checkout"
    checkout.mkdir(parents=True)
    recorded = checkout / "resources.json"
    recorded.write_text(json.dumps(resources), encoding="utf-8")
    runtime = {"name": "python", "options": {"toolchain": "pip"}}
    _write_yaml(checkout / "Pulumi.yaml", {"name": "flat", "runtime": runtime, "main": str(FLAT)})
    _write_yaml(checkout / f"Pulumi.{stack}.yaml", {"config": {"flat:resources": str(recorded)}})
    return _workspace(toolchain, folder, checkout)


def _workspace(toolchain: Toolchain, folder: Path, checkout: Path) -> Workspace:
    provider = folder / "provider"
    write_module_launcher(provider, "bench.program.provider")
    return Workspace.prepare(toolchain, folder, checkout, provider)


def _write_yaml(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
