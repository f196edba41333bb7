"""The workspace: separate from the user's own Pulumi, and from the checkout."""

import json
import os
import stat
import subprocess
from dataclasses import replace

import pytest
import yaml

from sandbox.engine.project import Overlay
from sandbox.engine.workspace import Workspace
from sandbox.errors import EngineError, ServiceError
from tests.sandbox.engine.conftest import COMPONENT, STACK

pytestmark = pytest.mark.engine


def test_nothing_of_the_users_own_pulumi_gets_in(workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "pul-123")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "mine")
    monkeypatch.setenv("KUBECONFIG", "/home/me/.kube/config")

    environment = workspace.environment()

    assert "PULUMI_ACCESS_TOKEN" not in environment
    assert "PULUMI_CONFIG_PASSPHRASE" not in environment
    assert environment["KUBECONFIG"] == str(tmp_path / "run" / "kubeconfig")
    assert environment["PULUMI_BACKEND_URL"].startswith(f"file://{tmp_path}/run/")
    assert environment["PULUMI_HOME"].startswith(f"{tmp_path}/run/")


def test_the_passphrase_is_random_kept_and_private(toolchain, tmp_path, checkout):
    def passphrase(run):
        made = Workspace.prepare(toolchain, tmp_path / run, checkout.folder)
        return made.folder / "passphrase"

    first, again, other = passphrase("a"), passphrase("a"), passphrase("b")

    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert first.read_text() == again.read_text() != other.read_text()
    assert first.read_text() not in repr(dict(os.environ))


def test_no_warning_tells_of_plugins_in_odd_places(workspace, checkout, capfd):
    checkout.program(COMPONENT)

    workspace.preview(STACK)

    assert "warning" not in "".join(capfd.readouterr())


def test_the_checkout_is_left_as_it_was(workspace, checkout):
    def content():
        return {path: path.read_bytes() for path in checkout.folder.iterdir() if path.is_file()}

    checkout.stack("config:\n  demo:token:\n    secure: anything\n")
    before = content()

    workspace.up(STACK)

    assert content() == before


def test_secrets_of_the_stacks_file_are_made_up_and_kept(workspace, checkout, pulumi):
    checkout.stack("config: {'demo:token': {secure: of another passphrase}, 'demo:colour': red}\n")
    workspace.ensure_stack(STACK)
    first = pulumi("config", "get", "demo:token").stdout
    checkout.stack("config: {'demo:token': {secure: of another passphrase}, 'demo:colour': blue}\n")

    assert pulumi("config", "get", "demo:token").stdout == first
    assert len(first.strip()) > 20
    assert pulumi("config", "get", "demo:colour").stdout.strip() == "blue"
    shown = yaml.safe_load(workspace.project.stack_file(STACK).read_text())
    assert set(shown["config"]["demo:token"]) == {"secure"}


def test_a_stack_that_was_never_made_needs_no_destroying(workspace):
    workspace.destroy(STACK)

    assert not workspace.backend.has_stack(STACK)


def test_destroy_needs_neither_program_nor_readable_settings(workspace, checkout, pulumi):
    checkout.program(COMPONENT + "Box('box', 1)\n")
    workspace.up(STACK)
    checkout.program("this is not Python\n")
    checkout.stack("neither: [is this\n")
    (checkout.folder / "Pulumi.yaml").write_text("name: [\n")

    workspace.destroy(STACK)

    exported = workspace.capture(["stack", "export", "--stack", STACK])
    assert "demo:index:Box" not in exported


def test_a_failed_command_is_one_clear_error(workspace, checkout, capfd):
    checkout.program("raise SystemExit(1)\n")

    with pytest.raises(EngineError, match=r"^pulumi preview failed; see its messages above$"):
        workspace.preview(STACK)


def test_two_workspaces_work_side_by_side(toolchain, tmp_path, checkout):
    checkout.program(COMPONENT + "Box('box', 1)\n")
    both = [Workspace.prepare(toolchain, tmp_path / name, checkout.folder) for name in ("a", "b")]
    for each in both:
        each.ensure_stack(STACK)
    engines = [
        subprocess.Popen(
            [each.folder / "bin" / "pulumi", "up", "--yes", "--stack", STACK],
            cwd=each.project.folder,
            env=each.environment(),
            stdout=subprocess.DEVNULL,
        )
        for each in both
    ]

    assert [engine.wait() for engine in engines] == [0, 0]


def test_destroying_needs_no_value_that_only_a_node_knew_that_is_gone(workspace, checkout):
    """The last copy of the stack's file will do."""
    checkout.program(COMPONENT)
    workspace.up(STACK)

    def lost(_):
        raise ServiceError("the node does not answer")

    (checkout.folder / f"Pulumi.{STACK}.node.yaml").write_text("config: {demo:a: !digest name}\n")
    project = replace(workspace.project, overlay=Overlay("node", {"!digest": lost}))
    dead = replace(workspace, project=project)
    with pytest.raises(ServiceError):
        dead.up(STACK)
    dead.destroy(STACK)

    state = json.loads(workspace.capture(["stack", "export", "--stack", STACK]))
    assert state["deployment"].get("resources", []) == []
