"""The commands people use, on a small project of the test's own."""

import json
import subprocess
from pathlib import Path

import pytest

from sandbox.cli import main

pytestmark = [pytest.mark.cluster, pytest.mark.engine]

PROGRAM = """
import pulumi
from pulumi_kubernetes import Provider
from pulumi_kubernetes.core.v1 import Namespace

provider = Provider("provider")


class Area(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("test:index:Area", name)
        options = pulumi.ResourceOptions(parent=self, provider=provider)
        Namespace(name, metadata={"name": name}, opts=options)


Area("first")
Area("second")
pulumi.export("greeting", "hello")
pulumi.export("password", pulumi.Output.secret("hunter2"))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: small\nruntime: python\nmain: .\n")
    (folder / "Pulumi.sandbox.yaml").write_text("config: {}\n")
    (folder / "__main__.py").write_text(PROGRAM)
    monkeypatch.setattr("sandbox.session.CHECKOUT", folder)
    return folder


@pytest.fixture
def run(own_sandbox, project, capfd):
    """Run a command on the test's own sandbox; returns its exit code and what it printed."""

    def run(*arguments):
        code = main(["--folder", str(own_sandbox.folder.root), *arguments])
        return code, capfd.readouterr()

    return run


def test_the_way_from_up_to_down(own_sandbox, project, run):
    code, printed = run("up")
    assert code == 0, printed.err
    assert "Python language host:" in printed.err
    shown = printed.out.rpartition("Duration:")[2]
    assert "Area  2" in shown
    assert "hello" in shown
    assert "make down" in shown
    assert "hunter2" not in printed.out + printed.err

    code, printed = run("up")
    assert code == 0, printed.err
    assert "unchanged" in printed.out
    assert "to create" not in printed.out

    code, printed = run("env")
    assert code == 0
    script = f"{printed.out}\nkubectl get namespace first -o name && pulumi stack ls --json"
    answer = subprocess.run(
        ["bash", "-euc", script], capture_output=True, text=True, check=True, cwd=project
    )
    namespace, stacks = answer.stdout.split("\n", 1)
    assert namespace == "namespace/first"
    assert [stack["name"].split("/")[-1] for stack in json.loads(stacks)] == ["sandbox"]

    code, printed = run("down")
    assert code == 0, printed.err
    assert not own_sandbox.folder.root.exists()


def test_a_program_that_fails_is_a_failure_without_a_traceback_of_ours(run, project):
    (project / "__main__.py").write_text("raise ValueError('wrong on purpose')\n")
    code, printed = run("up")
    assert code == 1
    assert "wrong on purpose" in printed.out
    assert "Traceback" not in printed.err


def test_an_api_server_that_died_is_back_before_the_engine_runs(own_sandbox, run):
    services = own_sandbox.plane.group.services()
    next(s for s in services if s.name == "kube-apiserver").process.stop(grace_seconds=0)
    code, printed = run("up")
    assert code == 0, printed.err
    assert "kube-apiserver ended by itself" in printed.err


def test_leading_options_belong_to_the_tool(run):
    code, printed = run("pulumi", "--version")
    assert code == 0
    assert printed.out == "v3.259.0\n"
