"""An update that was cut short is finished by the same command."""

import json
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import Mock

import pytest

from sandbox.engine.backend import Backend
from sandbox.engine.plugins import place_provider
from sandbox.engine.recovery import (
    object_id,
    release_stale_lock,
    restore_state,
    with_pending_entered,
)
from sandbox.engine.workspace import stop_engines
from sandbox.errors import EngineError
from tests.sandbox.engine.conftest import STACK

TYPE = "kubernetes:core/v1:ConfigMap"


def resource(name, **fields):
    return {
        "urn": f"urn:pulumi:dev::demo::{TYPE}::{name}",
        "type": TYPE,
        "custom": True,
        "inputs": {"metadata": {"name": name, "namespace": "default"}},
    } | fields


def deployment(resources, *creating):
    operations = [{"type": "creating", "resource": each} for each in creating]
    return {
        "version": 3,
        "deployment": {"resources": resources, "pending_operations": operations},
    }


class TestThePendingCreations:
    """What becomes of the notes in the state."""

    def test_they_become_resources_under_the_id_they_must_have(self):
        mended = with_pending_entered(
            deployment([resource("old", id="default/old")], resource("new"))
        )

        assert mended["deployment"] == {
            "resources": [
                resource("old", id="default/old"),
                resource("new", id="default/new", outputs=resource("new")["inputs"]),
            ],
            "pending_operations": [],
        }

    def test_what_was_to_be_replaced_waits_for_its_deletion(self):
        mended = with_pending_entered(
            deployment([resource("one", id="default/one-a")], resource("one"))
        )

        assert [each.get("delete") for each in mended["deployment"]["resources"]] == [True, None]

    def test_what_was_deleted_for_its_replacement_is_forgotten(self):
        gone = resource("one", id="default/one", pendingReplacement=True)

        mended = with_pending_entered(deployment([gone], resource("one")))

        assert len(mended["deployment"]["resources"]) == 1

    def test_what_exists_in_the_state_alone_is_made_again(self):
        provider = {"urn": "urn:p", "type": "pulumi:providers:kubernetes", "custom": True}

        mended = with_pending_entered(deployment([], provider))

        assert mended["deployment"] == {"resources": [], "pending_operations": []}

    @pytest.mark.parametrize(
        "inputs, expected",
        [
            ({"metadata": {"name": "web", "namespace": "shop"}}, "shop/web"),
            ({"metadata": {"name": "shop"}}, "shop"),
            ({"name": "istiod", "namespace": "istio-system"}, "istio-system/istiod"),
        ],
    )
    def test_the_id_follows_from_the_inputs(self, inputs, expected):
        assert object_id(inputs) == expected


class TestTheLock:
    """A lock that is left, or held."""

    @pytest.fixture
    def backend(self, tmp_path):
        return Backend(tmp_path, "demo")

    def lock(self, backend, pid):
        folder = backend.folder / ".pulumi" / "locks" / "organization" / "demo" / STACK
        folder.mkdir(parents=True)
        (folder / "a.json").write_text(json.dumps({"pid": pid}))

    def test_the_lock_of_a_living_engine_is_respected(self, backend):
        engine = subprocess.Popen(["pulumi", "600"], executable=shutil.which("sleep"))
        while not Path(f"/proc/{engine.pid}/cmdline").read_bytes():
            time.sleep(0.01)
        self.lock(backend, engine.pid)
        try:
            with pytest.raises(EngineError, match=f"process {engine.pid}"):
                release_stale_lock(Mock(), backend, STACK)
        finally:
            engine.kill()
            engine.wait()

    def test_the_lock_of_a_process_that_has_become_another_is_cancelled(self, backend):
        other = subprocess.Popen(["sleep", "600"])
        self.lock(backend, other.pid)
        engine = Mock()
        try:
            release_stale_lock(engine, backend, STACK)
        finally:
            other.kill()
            other.wait()

        engine.pulumi.assert_called_once_with(["cancel", "--yes", "--stack", STACK])

    def test_half_a_lock_is_cancelled(self, backend):
        self.lock(backend, 1)
        (lock,) = backend.folder.rglob("a.json")
        lock.write_text("")
        engine = Mock()

        release_stale_lock(engine, backend, STACK)

        engine.pulumi.assert_called_once_with(["cancel", "--yes", "--stack", STACK])

    def test_without_a_lock_nothing_is_done(self, backend):
        engine = Mock()

        release_stale_lock(engine, backend, STACK)

        engine.pulumi.assert_not_called()


class TestTheState:
    """The file with the state, after a crash of the machine."""

    WHOLE = '{"version": 3, "checkpoint": {"latest": {}}}'

    @pytest.fixture
    def backend(self, tmp_path):
        made = Backend(tmp_path, "demo")
        made.state(STACK).parent.mkdir(parents=True)
        return made

    def test_a_whole_one_stays(self, backend):
        backend.state(STACK).write_text(self.WHOLE)

        assert restore_state(backend, STACK) is False

    @pytest.mark.parametrize("damage", ["", WHOLE[:20], "[]", "{}"])
    def test_the_backup_takes_the_place_of_a_damaged_one(self, backend, damage):
        backend.state(STACK).write_text(damage)
        backend.backup(STACK).write_text(self.WHOLE)

        assert restore_state(backend, STACK) is True

        assert backend.state(STACK).read_text() == self.WHOLE
        assert backend.state(STACK).with_suffix(".json.damaged").read_text() == damage

    def test_without_a_whole_backup_it_is_said_where_both_are_and_what_to_do(self, backend):
        backend.state(STACK).write_text("")

        with pytest.raises(EngineError, match=rf"damaged.*{backend.backup(STACK)}.*make down"):
            restore_state(backend, STACK)

    def test_a_stack_that_was_removed_does_not_come_back(self, backend):
        backend.backup(STACK).write_text(self.WHOLE)

        assert restore_state(backend, STACK) is False
        assert not backend.has_stack(STACK)


@pytest.fixture
def objects(tmp_path, workspace, monkeypatch) -> Path:
    """A workspace whose Kubernetes plugin keeps files in this folder."""
    folder = tmp_path / "objects"
    folder.mkdir()
    monkeypatch.setenv("OBJECTS", str(folder))
    provider = tmp_path / "provider"
    script = Path(__file__).with_name("file_provider.py")
    provider.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, "-u", str(script)])} "$@"\n')
    provider.chmod(0o700)
    place_provider(provider, workspace.folder / "home")
    return folder


def config_maps(*names):
    made = (
        f"pulumi.CustomResource({TYPE!r}, {name!r}, "
        f"{{'metadata': {{'name': {name!r}, 'namespace': 'default'}}}})\n"
        for name in names
    )
    return "import pulumi\n" + "".join(made)


def start_an_engine_that_hangs(workspace, objects):
    workspace.ensure_stack(STACK)
    engine = subprocess.Popen(
        [workspace.folder / "bin" / "pulumi", "up", "--yes", "--skip-preview", "--stack", STACK],
        cwd=workspace.project.folder,
        env=workspace.environment(),
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not (objects / "hanging").exists():
        assert engine.poll() is None
        time.sleep(0.02)
    return engine


def kill_the_engine_while_it_hangs(workspace, objects):
    engine = start_an_engine_that_hangs(workspace, objects)
    engine.kill()
    engine.wait()
    for marker in ("hang-before", "hang-after", "hanging"):
        (objects / marker).unlink(missing_ok=True)


@pytest.mark.engine
class TestAKilledEngine:
    """The engine dies while an object is being made."""

    @pytest.mark.parametrize("moment", ["hang-before", "hang-after"])
    def test_up_finishes_the_work_without_losing_or_doubling_anything(
        self, workspace, checkout, objects, moment, capfd
    ):
        checkout.program(config_maps("first"))
        workspace.up(STACK)
        checkout.program(config_maps("first", "second"))
        (objects / moment).touch()
        kill_the_engine_while_it_hangs(workspace, objects)

        workspace.up(STACK)

        assert sorted(each.stem for each in objects.iterdir()) == [
            "default_first",
            "default_second",
        ]
        workspace.pulumi(["preview", "--stack", STACK, "--expect-no-changes"])

    def test_destroy_takes_the_half_made_object_too(self, workspace, checkout, objects):
        checkout.program(config_maps("only"))
        (objects / "hang-after").touch()
        kill_the_engine_while_it_hangs(workspace, objects)

        workspace.destroy(STACK)

        assert list(objects.iterdir()) == []


@pytest.mark.engine
def test_an_engine_that_nobody_waits_for_any_more_is_ended(workspace, checkout, objects):
    checkout.program(config_maps("only"))
    (objects / "hang-before").touch()
    engine = start_an_engine_that_hangs(workspace, objects)

    stop_engines(workspace.folder.parent)

    assert engine.wait(timeout=10) != 0


@pytest.mark.engine
def test_up_goes_on_from_the_backup_of_half_a_state(workspace, checkout, objects, capfd):
    checkout.program(config_maps("first"))
    workspace.up(STACK)
    state = workspace.backend.state(STACK)
    state.write_bytes(state.read_bytes()[:-100])
    checkout.program(config_maps("first", "second"))

    workspace.up(STACK)

    assert "was damaged" in capfd.readouterr().err
    assert len(list(objects.iterdir())) == 2
    workspace.pulumi(["preview", "--stack", STACK, "--expect-no-changes"])
