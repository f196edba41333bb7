"""Which Python runs a program."""

import sys
from pathlib import Path

import pytest

from sandbox.engine.language_host.interpreter import RuntimeOptionsError, resolve
from tests.sandbox.engine.language_host.conftest import program_info


@pytest.fixture
def virtualenv(tmp_path) -> Path:
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return tmp_path / "env"


def test_a_relative_virtual_environment_starts_at_the_project_and_an_absolute_one_stays(virtualenv):
    for name in ("env", str(virtualenv)):
        found = resolve(program_info(virtualenv.parent, virtualenv=name), {})

        assert found.executable == str(virtualenv / "bin" / "python")


def test_a_missing_virtual_environment_is_named(tmp_path):
    with pytest.raises(RuntimeOptionsError, match=rf"names {tmp_path}/v, which does not exist"):
        resolve(program_info(tmp_path, virtualenv="v"), {})


def test_the_virtual_environment_is_activated(tmp_path, virtualenv):
    found = resolve(
        program_info(tmp_path, virtualenv="env"),
        {"PATH": "/usr/bin", "PYTHONHOME": "/elsewhere", "VIRTUAL_ENV": "/old", "KEPT": "yes"},
    )

    assert found.executable == str(virtualenv / "bin" / "python")
    assert found.environment == {
        "PATH": f"{virtualenv}/bin:/usr/bin",
        "VIRTUAL_ENV": str(virtualenv),
        "KEPT": "yes",
    }


def test_without_one_the_first_python_on_the_path_is_used(tmp_path):
    (tmp_path / "python3").symlink_to(sys.executable)

    found = resolve(program_info(tmp_path), {"PATH": str(tmp_path)})

    assert found.executable == str(tmp_path / "python3")


def test_the_users_choice_of_python_goes_first(tmp_path):
    for name in ("python3", "mine"):
        (tmp_path / name).symlink_to(sys.executable)

    found = resolve(program_info(tmp_path), {"PATH": str(tmp_path), "PULUMI_PYTHON_CMD": "mine"})

    assert found.executable == str(tmp_path / "mine")


def test_no_python_at_all_is_said(tmp_path):
    with pytest.raises(RuntimeOptionsError, match="none of python3, python is on the PATH"):
        resolve(program_info(tmp_path), {"PATH": str(tmp_path)})


def test_a_folder_that_is_no_virtual_environment_is_said(tmp_path):
    (tmp_path / "env").mkdir()

    with pytest.raises(RuntimeOptionsError, match=r"env, which is not a virtual environment"):
        resolve(program_info(tmp_path, virtualenv="env"), {})


@pytest.mark.parametrize(
    "options, named",
    [({"toolchain": "uv"}, "toolchain: uv"), ({"typechecker": "mypy"}, "typechecker")],
)
def test_options_of_the_official_host_alone_are_refused_not_ignored(tmp_path, options, named):
    with pytest.raises(RuntimeOptionsError, match=named):
        resolve(program_info(tmp_path, **options), {})
