"""A real engine, small projects for it, and a workspace with the stand-in for the language host."""

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.engine.plugins import place_stand_in
from sandbox.engine.workspace import Workspace

STACK = "dev"

COMPONENT = """
import pulumi

class Box(pulumi.ComponentResource):
    def __init__(self, name, size, opts=None):
        super().__init__("demo:index:Box", name, {"size": size}, opts)
        self.size = pulumi.Output.from_input(size)
        self.register_outputs({"size": self.size})
"""


@dataclass(frozen=True)
class Checkout:
    """A project on disk that tests write and the engine reads."""

    folder: Path

    def program(self, source: str) -> None:
        (self.folder / "__main__.py").write_text(source)

    def policy_pack(self, source: str, configuration: str | None = None) -> None:
        pack = self.folder / "policy"
        pack.mkdir()
        (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
        (pack / "__main__.py").write_text(source)
        if configuration is not None:
            (pack / f"{STACK}.json").write_text(configuration)

    def stack(self, configuration: str) -> None:
        (self.folder / f"Pulumi.{STACK}.yaml").write_text(configuration)


@pytest.fixture
def checkout(tmp_path) -> Checkout:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: demo\nruntime: {name: python, options: {}}\n")
    made = Checkout(folder)
    made.stack("config: {}\n")
    made.program(COMPONENT)
    return made


@pytest.fixture
def workspace(toolchain, tmp_path, checkout) -> Workspace:
    made = Workspace.prepare(toolchain, tmp_path / "run", checkout.folder)
    place_stand_in(made.folder / "bin")
    return made


Pulumi = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def pulumi(workspace) -> Pulumi:
    """Run the CLI in the workspace, on a stack that is ready, and keep everything it prints."""

    def run(*arguments: str, environment: Mapping[str, str] | None = None):
        workspace.ensure_stack(STACK)
        return subprocess.run(
            [workspace.folder / "bin" / "pulumi", *arguments, "--stack", STACK],
            cwd=workspace.project.folder,
            env=workspace.environment() | dict(environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    return run
