"""Programs run by the stand-in language host under the real engine."""

import json
import os
import signal
import subprocess
import time

import pytest

from tests.sandbox.engine.conftest import COMPONENT, STACK

pytestmark = pytest.mark.engine


def outputs(pulumi):
    return json.loads(pulumi("stack", "output", "--json").stdout)


def test_a_program_is_previewed_brought_up_and_left_alone_the_second_time(checkout, pulumi):
    checkout.program(
        COMPONENT
        + "outer = Box('outer', 1)\n"
        + "Box('inner', 2, pulumi.ResourceOptions(parent=outer))\n"
        + "pulumi.export('size', outer.size)\n"
    )

    assert "+ 3 to create" in pulumi("preview").stdout
    assert "+ 3 created" in pulumi("up", "--yes").stdout
    assert "3 unchanged" in pulumi("up", "--yes", "--expect-no-changes").stdout
    assert outputs(pulumi) == {"size": 1}


def test_the_program_sees_project_stack_configuration_and_folder(checkout, pulumi):
    checkout.stack('config: {"demo:colour": blue, "demo:list": [1, {a: b}], "other:key": x}\n')
    (checkout.folder / "sibling.py").write_text("VALUE = 7\n")
    checkout.program(
        "import os, pulumi, sibling, sys\n"
        "config = pulumi.Config()\n"
        "pulumi.export('seen', [pulumi.get_project(), pulumi.get_stack(),\n"
        "    pulumi.get_organization(), config.require('colour'), config.require_object('list'),\n"
        "    pulumi.Config('other').require('key'), os.getcwd(), sibling.VALUE, sys.argv])\n"
        "pulumi.export('modules', [name for name in sys.modules if 'sandbox' in name])\n"
    )

    assert pulumi("up", "--yes").returncode == 0

    expected = ["demo", STACK, "organization", "blue", [1, {"a": "b"}], "x"]
    folder = str(checkout.folder)
    assert outputs(pulumi) == {"seen": [*expected, folder, 7, ["."]], "modules": []}


def test_a_secret_stays_one_and_is_never_printed(checkout, workspace, pulumi):
    checkout.program(
        "import pulumi\n"
        "token = pulumi.Config().require_secret('token')\n"
        "pulumi.export('token', token)\n"
        "pulumi.export('shout', token.apply(str.upper))\n"
    )
    pulumi("config", "set", "--secret", "demo:token", "hunter2")

    run = subprocess.run(
        [workspace.folder / "bin" / "pulumi", "up", "--yes", "--stack", STACK],
        cwd=workspace.project.folder,
        env=workspace.environment(),
        capture_output=True,
        text=True,
        check=True,
    )

    assert "[secret]" in run.stdout
    assert "hunter2" not in (run.stdout + run.stderr).lower()
    shown = json.loads(pulumi("stack", "output", "--json", "--show-secrets").stdout)
    assert shown == {"token": "hunter2", "shout": "HUNTER2"}


def test_what_the_program_prints_is_shown_line_by_line(checkout, pulumi):
    checkout.program(
        "import pulumi, sys\nprint('to stdout')\nprint('to stderr', file=sys.stderr)\n"
        "pulumi.log.warn('take care')\n"
    )

    shown = pulumi("preview").stdout

    assert "to stdout" in shown
    assert "to stderr" in shown
    assert "warning: take care" in shown


def test_a_run_error_is_one_line_without_a_traceback(checkout, pulumi):
    checkout.program("import pulumi\nraise pulumi.RunError('the port must be below 65536')\n")

    run = pulumi("preview")

    assert run.returncode != 0
    assert "error: the port must be below 65536" in run.stdout
    assert "Traceback" not in run.stdout


def test_an_exception_is_shown_from_the_users_code_on(checkout, pulumi):
    (checkout.folder / "deep.py").write_text("def dive():\n    raise KeyError('pearl')\n")
    checkout.program("import deep\n\ndeep.dive()\n")

    run = pulumi("preview")

    assert run.returncode != 0
    assert "Program failed with an unhandled exception" in run.stdout
    assert "deep.dive()" in run.stdout
    assert "KeyError: 'pearl'" in run.stdout
    assert "runpy" not in run.stdout
    assert "language_host" not in run.stdout
    assert "non-zero exit code" not in run.stdout


def test_an_exception_in_an_apply_fails_the_run(checkout, pulumi):
    checkout.program(
        COMPONENT + "Box('box', 1).size.apply(lambda size: size / 0)\n",
    )

    run = pulumi("up", "--yes", "--skip-preview")

    assert run.returncode != 0
    assert "ZeroDivisionError" in run.stdout


def test_an_exit_code_of_the_program_is_reported(checkout, pulumi):
    checkout.program("import sys\nsys.exit(3)\n")

    assert "program exited with non-zero exit code: 3" in pulumi("preview").stdout


def test_a_missing_program_is_named(checkout, pulumi):
    (checkout.folder / "__main__.py").unlink()

    run = pulumi("preview")

    assert run.returncode != 0
    assert f"unable to find main python program `__main__.py` in `{checkout.folder}`" in run.stdout
    assert "Traceback" not in run.stdout


def test_an_interrupt_ends_the_program_and_leaves_no_lock(checkout, workspace, tmp_path):
    started = tmp_path / "started"
    checkout.program(
        f"import os, pathlib, time\npathlib.Path({str(started)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(600)\n"
    )
    workspace.ensure_stack(STACK)
    engine = subprocess.Popen(
        [workspace.folder / "bin" / "pulumi", "up", "--yes", "--skip-preview", "--stack", STACK],
        cwd=workspace.project.folder,
        env=workspace.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not (started.exists() and started.read_text()):
        assert engine.poll() is None
        time.sleep(0.05)

    engine.send_signal(signal.SIGINT)
    engine.wait(timeout=60)

    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
    assert workspace.backend.lock_holders(STACK) == []
